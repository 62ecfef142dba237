"""The HTTP side: it checks a request, makes the job's record and a message that hints at it, and waits.

    request -> routes -> submission, validation -> dispatcher -> record and message in Redis
    answer  <- routes <- dispatcher <- record  <- listener  <- id on this process's reply list

The record is the truth, everything else is a hint: whoever waits is woken by the listener, reads the
record again every two seconds should the wake-up be lost, and answers with what the record says.
Errors are raised wherever they are found and become answers in one place, `api.errors`.
"""
