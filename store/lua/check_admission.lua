-- Check whether so many jobs would be accepted now. Changes nothing.
-- args: jobs (their number), and the arguments of steps/admission.lua
-- Returns the answer of refusal().
return refusal(args.jobs, args.jobs * RECORD_BYTES)
