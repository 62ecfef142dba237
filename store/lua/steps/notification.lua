-- Notifications of workers: messages in Celery's lists.

-- The environments in which a job can run, as far as this script knows. notify() notifies their workers.
local runnable = {}

-- Return a text with `new` for each `old`. string.gsub() would match a pattern at each of the 900 characters of a
-- notification, which takes twice as long (measured).
local function replace(text, old, new)
  local pieces, from = {}, 1
  local first, last = string.find(text, old, 1, true)
  while first do
    pieces[#pieces + 1] = string.sub(text, from, first - 1)
    from = last + 1
    first, last = string.find(text, old, from, true)
  end
  pieces[#pieces + 1] = string.sub(text, from)
  return table.concat(pieces, new)
end

-- Return `answer`, and notify a worker of each runnable environment of which no notification is pending. One
-- notification is enough for any number of jobs: the claim that follows it notifies the next worker while jobs are
-- left.
local function notify(answer)
  if notification == '' then return answer end
  for environment in pairs(runnable) do
    local notifications = in_environment(NOTIFICATIONS, environment)
    -- Errors are ignored: the state change stays, and the reconciler sends the notification later.
    if redis.pcall('LLEN', notifications) == 0 then
      local id = string.format('%032x', redis.call('HINCRBY', COUNTERS, 'notifications', 1))
      local message = replace(notification, ID_PLACEHOLDER, id)
      redis.pcall('LPUSH', notifications, replace(message, QUEUE_PLACEHOLDER, in_environment(QUEUE, environment)))
    end
  end
  return answer
end

-- Notify a worker of each environment in which a job can run: an owner with queued jobs is below its maximums.
local function notify_all(answer)
  for _, environment in ipairs(environments()) do
    if redis.call('EXISTS', rotation_key(environment)) == 1 then runnable[environment] = true end
  end
  return notify(answer)
end
