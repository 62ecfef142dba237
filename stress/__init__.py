"""Trials of the whole service that take minutes: `make chaos`, `make soak` and `make fairness`.

    tasks         makes scripts whose correct outcome is known
    client        submits tasks through the Python client with an Idempotency-Key until it has an answer
    kills         kills a worker, the API or Redis every few seconds
    final_state   reads the contents of Redis after the last job
    faults        finds jobs that are lost, doubled, stuck or wrong
    chaos         submits jobs while parts are killed; reports with trial_report
    followed_job  follows the events of a job through the Python client
    cutting_relay cuts connections of clients after some bytes
    load          starts clients of every kind at a steady rate
    samples       measures memory, descriptors, keys and files of the service at one moment
    growth        decides whether a measured value grows
    soak          puts the service under steady load; nothing may grow
    attacks       sends the requests of a hostile client with an API key
    fairness      measures an honest key beside a hostile one

`harness` starts the service. A trial touches only processes that it started, and leaves no process and no
file behind.
"""
