"""Measurements of speed and cost: `make bench`.

One run measures everything, because machines are noisy and only ratios within one run are comparable. The
unit is **bare**: the time of starting the same interpreter alone, with nothing to do. The whole service is
started as a user starts it, once for each isolation. Each round takes, in a new random order, some bare
starts, some cold jails and some jobs over HTTP (`latency`); other rounds take bursts of many jobs at once
(`throughput`). The cost of a job is read from /proc and from Redis (`cost`).

    plan → latency, throughput, cost, memory, waiting_requests, packages, soak → figures → targets → report
    plot draws what report and package_report show

`packages` measures services that have an environment of packages: `make bench ARGS=--packages`.
`comparison` measures two checkouts in the same rounds, into `paired_figures`: `make bench AGAINST=DIR`.

A separate process (`load`) sends the jobs of a burst, so that its CPU time can be counted separately.
"""
