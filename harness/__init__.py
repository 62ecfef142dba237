"""Start the whole service as processes, and send it requests. `bench/` and `stress/` use this package.

    checkout          a working copy of the project, with its command `python-executor`
    python_build      how an interpreter was built
    managed_process   one process that can be killed and started again
    service           starts the service of a checkout, and waits until it is ready
    together          starts and stops several services at the same time
    components        finds the processes of each component of a running service, and their CPU time
    client            sends requests to the API
    table             prints tables as text
    signals           stops everything in order when the command gets SIGTERM

A service listens on the loopback interface only. All its files are in one temporary folder.
"""
