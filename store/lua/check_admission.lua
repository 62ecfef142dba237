-- Say whether so many jobs would be accepted now. Changes nothing.
-- args: jobs, and those of admission.lua
-- Returns what refusal() returns.
return refusal(args.jobs)
