-- Notify a worker of each environment in which a job can run and no notification is pending. Changes no job.
-- args: none
return notify_all(0)
