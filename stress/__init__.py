"""Trials of the whole service that no test has the time for: `make chaos` and `make soak`.

    service   Redis, workers and the API, each a process that can be killed and started again
    tasks     scripts of which it is known how they must end
    client    submits them as a careful client does: with an Idempotency-Key, again until there is an answer
    chaos     kills a worker, the API or Redis every few seconds; nothing may be lost, doubled, stuck or wrong
    soak      steady load for minutes; nothing may grow

Both talk to the loopback only, touch no process they did not start, and leave nothing running or on disk.
"""
