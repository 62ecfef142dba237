"""The self-test: attacks that run in the live sandbox and must fail.

A probe (`selftest.probe.Probe`) is one attack, as data: one or more jobs, and a check of their outcomes.
A job's script acts as a hostile script. It returns what it reached, usually as a map from each
attempt to the name of the error that ended it. `run_probe` runs the jobs one after the other in the same
sandbox, calls the check, and returns a `Finding`: passed or missed, and a phrase about the outcome. A job
that makes the sandbox itself fail (SandboxFailure) is always a miss: the service would retry the job and
report a fault of its own.

Two entry points run probes:

- `python -m sandbox selftest` runs every probe of the catalogue that applies to the kind of sandbox, and
  prints a table. The options `--only NAME…` and `--sandbox` choose the probes and the sandbox. The exit
  status is 1 if a probe was missed.
- Every worker runs the few probes in `selftest.startup.PROBE_NAMES` when it starts, and refuses to start
  if one is missed. They cover each layer of the defence: namespaces, seccomp filter, root folder, memory
  limit, language.

How to add a probe:

1. Choose the module of its area in `selftest/probes/`, and add a `Probe` to the module's `PROBES`.
2. Name the probe by the expected behaviour ("host-files-are-hidden"). `tried` describes the attack,
   `expected` describes the required outcome. Operators read both in the table.
3. Write a script that succeeds without a sandbox and then harms nothing on the machine. Build its job with
   `job`, `attempt_job` or `forge_job`, and its check from `selftest.checks`.
4. Set `kinds` if the probe applies to the restricted executor too.

The tests in `tests/integration/selftest` run every probe in real sandboxes, where it must pass, and in a
stub that runs nothing, where it must fail. They also show that the probes depend on the defence: system calls
succeed in a jail without a seccomp filter, and escapes succeed where the language is not guarded.
"""
