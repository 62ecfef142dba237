"""How fast the service is, and what it costs: `make bench`.

Everything is measured in one run, because machines are noisy and only ratios from one run count. The
unit is **bare**: starting the interpreter that the jails run, alone, with nothing to do. The whole
service is started as a person would, once for each isolation; then, in rounds and in a new random
order in each, a few bare starts, a few jails and a few jobs over HTTP (`latency`), and bursts of
many at once (`throughput`). What a job costs is read from /proc and from the server (`cost`).

    plan -> service, starts -> latency, throughput, cost, memory, held, soak -> targets -> report, plot

Load comes from a process of its own (`load`), whose CPU time is counted apart.
"""
