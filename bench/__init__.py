"""Measurements of speed and cost: `make bench`.

Machines are noisy, and only ratios within one run are comparable. The unit is **bare**: starting the same
interpreter alone, with nothing to do. A run starts the whole service as a user starts it, once for each
isolation. Each round takes, in a new random order, some bare starts, some cold jails and some jobs over HTTP
(`latency`); other rounds take bursts of many jobs at once (`throughput`), and CPU time from /proc (`cost`).
There are three runs, and the median of their figures counts. The other measurements are made once; those that
are ratios have the small case in the same rounds.

    plan → latency, throughput, cost, memory → run (three times) → figures → targets → report
    plan → profile, waiting_requests, idle_streams, growth, scaling, packages, soak → figures
    growth_report and package_report write sections of the report, plot draws its pictures

`profile` says what one job takes of the machine by process: `make bench ARGS=--profile`.

`packages` measures services that have an environment of packages: `make bench ARGS=--packages`.
`comparison` measures two checkouts in the same rounds, into `paired_figures`: `make bench AGAINST=DIR`.

A separate process (`load`) sends the jobs of a burst, so that its CPU time can be counted separately.
"""
