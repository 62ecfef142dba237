-- Claim the job whose turn it is. queued -> running.
-- args: the arguments of claiming.lua
-- Returns the answer of claim() in claiming.lua.
return notify(claim())
