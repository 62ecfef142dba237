"""Runs jobs where no jail can be made: no privileges, no namespaces, no cgroups are needed.

Two layers, neither relying on the other. The language: rules on the text of a script
(sandbox/restrictions.py), modules without their insides and guarded builtins (guest/language.py).
The kernel: the runner gives up its identity, its namespaces and files where the host lets it, sets
its limits, and lets a seccomp filter refuse everything but computing (guest/lockdown.py), before
the script's first byte. What was given up is in every worker's sign of life.

One init process stays; for each job it forks a runner, ahead of time, which is used once.
"""
