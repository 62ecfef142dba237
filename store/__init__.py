"""The job store in Redis. The record of a job is the source of truth about the job.

Each state change is one Lua script in store/lua/, and one method of `JobStore`:

    submit       -> queued, in the queue of its owner
    claim        queued -> running, with an attempt number, a token and a lease
    renew        running: prolongs the lease, or reports that the job must stop
    finish       running -> succeeded | failed, with the token of the latest claim only
    release      running -> queued, at its place by age, by a stopping worker
    cancel       queued | running -> cancelled
    reconcile    running -> queued when the lease has lapsed, -> failed after the last attempt;
                 queued -> failed when the deadline in the queue has passed

A Celery message is only a notification that a job can run. A lost or doubled message changes no record. These
invariants hold between any two scripts:

- a job is queued, running or final, and in exactly the collections of that state;
- an owner with queued jobs is in the rotation of each environment of these jobs, with the same turn in each,
  or among the capped owners, never in both;
- the bytes of an owner are the sum of the bytes of its jobs; none are counted for the owner '';
- a record that is not final does not expire; a final record does, and then leaves its owner's list;
- each claim has its own token; the holder of an earlier token changes nothing.
"""
