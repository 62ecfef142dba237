"""Checks of scripts, shared out to the API keys.

    checker    checks a script for a key, and remembers its verdict
      turns    lets a key check one script at a time; turns go round the keys that wait
      budget   bounds the CPU time that the checks of one key take

A check takes CPU time before anything is queued, so no bound of the queue covers it. One key must not take
that time from the others.
"""
