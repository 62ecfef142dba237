-- Claim the job whose turn it is. queued -> running.
-- args: the arguments of steps/claiming.lua
-- Returns the answer of claim() in steps/claiming.lua.
return notify(claim())
