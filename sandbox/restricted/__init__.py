"""Run jobs on hosts that cannot make a jail. It needs no privileges, no namespaces and no cgroups.

    worker process        trusted; holds the control socket and its ends of all pipes
      `- init             our code, one for many jobs; never reads a script
           `- runner      forked ahead of its job; runs one script; hostile from the script's first byte

Two layers restrict a script, and neither relies on the other:
    the language   rules on the script's text (validation/restricted), modules without their private parts
                   and guarded builtins (guest/restricted/language.py)
    the kernel     before the script's first byte the runner drops root, leaves namespaces and files where
                   the host allows that, sets rlimits, and installs a seccomp filter that permits little
                   more than computing (guest/restricted/lockdown.py)

The steps of a job: `sandbox` validates the script again, hands the job to the waiting runner through a
`Session`, and orders the next runner after the outcome. The worker's registration lists the privileges that
runners drop.
"""
