-- Notify a worker if a job can run and no notification is pending. Changes no job.
-- args: none
return notify(0)
