"""The code that runs inside a sandbox. Jails hold a copy: it imports only the standard library and itself.

    init      forks a runner for each job, reaps it and reports how it ended; trusted, never reads a script
    zygote    does the same in a slot, where each runner gets per-job namespaces
    runner    runs one script, ends it as the interpreter ends a program, and reports the result; hostile
              from the script's first byte
    script/   what the script finds when it starts, and how it ends

    worker  <--control socket-->  init or zygote   orders (RUN, KILL, NEXT) and the runner's wait status
    worker  <--job socket------>  runner           the job, READY, STARTED and the report

The script can write to the job socket. So the worker does not trust the messages on it: facts from the
kernel and from the init take precedence.

A confinement is the part of a runner that differs between sandboxes: `jailed` in a fresh jail,
`job_namespaces` in a slot, `restricted.confinement` in the restricted executor. The entry points are in
`start` and `restricted.start`.
"""
