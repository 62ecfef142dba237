"""The job record in Redis, the truth about a job; each change of its state is one Lua script.

    submit   ->  queued
    claim    queued -> running, with an attempt and a token
    finish   running -> succeeded | failed, only with the token of the latest claim
    watch    reads, and asks for a wake-up if the job is not final yet

The Celery message carries nothing but the id: a lost or doubled message changes no record.
"""
