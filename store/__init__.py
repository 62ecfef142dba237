"""The job record in Redis, the truth about a job; each change of its state is one Lua script.

    submit     ->  queued, in the lane of its priority, where its owner waits its turn
    claim      queued -> running, whichever job's turn it is, with an attempt, a token and a lease
    renew      prolongs the lease, or says that the job is not wanted any more
    finish     running -> succeeded | failed, only with the token of the latest claim
    release    running -> queued, first in its lane, by a worker that stops
    cancel     queued | running -> cancelled
    reconcile  running -> queued where the lease has lapsed, -> failed where it has so too often;
               queued -> failed where the deadline has passed
    watch, listing, statistics read

A Celery message is a hint that there is a job to run, not which one: a lost or doubled message changes no
record. What holds between any two scripts:

- a job is queued, running or final, and in exactly the collections that say so;
- an owner with jobs waiting in a lane is in its rotation or, at its cap, among those held; never in both;
- a record that is not final does not expire; one that is final does, and then leaves its owner's list;
- each claim has a token of its own: who holds an earlier one changes nothing.
"""
