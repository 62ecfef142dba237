-- Claim the job whose turn it is. queued -> running.
-- args: see claiming.lua
-- Returns what claim() in claiming.lua returns.
return notify(claim())
