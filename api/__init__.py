"""The HTTP side: checks a request, queues its jobs, waits for them and answers.

    request -> gunicorn (server) -> Flask routes (submit, lookup, health, metrics, document)
                                      -> submission, validation: read and check the request
                                      -> job_service -> store: queue the job, wait until it is final
    answer  <- public_json <- record of the job

The routes only translate. Errors are raised where they are found and become answers in one place, `errors`.
The store's record is the source of truth about a job. Every answer about a job is made from it.
"""
