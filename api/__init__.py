"""The HTTP side: it checks a request, makes the job's record and a message that hints at it, and waits.

    request -> routes -> submission, validation -> dispatcher -> record and message in Redis
    answer  <- routes <- dispatcher <- record  <- line      <- wake-up on this request's reply list

The record is the truth, everything else is a hint: whoever waits does so on a connection to Redis of their
own, reads the record every two seconds should the wake-up be lost, and answers with what the record says. Of
a job that has become final the wake-up may bring the record along: it is a copy that cannot grow old.
Errors are raised wherever they are found and become answers in one place, `api.errors`.
"""
