-- Begin the output of a run. The output of earlier runs is void.
-- args: id, token
-- Returns the number of the run, or false if the token does not belong to the latest claim.
if not is_claimed(args.id, args.token) then return false end
return void_output(args.id)
