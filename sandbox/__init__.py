"""Run a job in isolation. The code imports only the standard library, not Flask, Celery or Redis.

    factory         choose the sandbox at start-up: nsjail where a jail works, else the restricted executor
    protocol        the interface of every sandbox
    jail/           the nsjail sandbox: start jails, keep them in a pool, limit them with cgroups
    restricted/     the restricted executor, for hosts that cannot run nsjail
    guest_process   start and end the process that holds a sandbox's init
    session         hand one job to one waiting runner and follow it to its end
    job_files       the contents of a job's files on their way to the runner
    artifacts       read the files that a job leaves
    pump            move the job's input, output and report between host and runner
    output_pipe     read one output up to its cap
    job_socket      read the messages of the runner up to a cap
    deadline        decide when a job has used up its wall time or CPU time
    observation     what the worker observed of a job
    verdict         decide the outcome from an observation
    guest/          the code that runs inside a sandbox

The worker trusts the kernel, its own clocks and the init of a sandbox. It trusts no data from a runner,
because the script controls the runner.
"""
