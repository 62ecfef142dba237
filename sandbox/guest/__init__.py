"""The code that runs inside a sandbox. It is copied there: standard library and itself only.

    init    trusted, never sees a script: forks a runner for each job, reaps it, says how it ended
    zygote  does so in a slot, where each runner is in namespaces of its own
    runner  runs one script and reports what became of it; hostile from the script's first byte

Host and init share the control socket; host and runner share the job socket. The script can reach
the job socket, so everything on it is a claim, outranked by what the kernel and init say.
"""
