-- These jobs run from now on: an equal one may be queued again. KEYS: jobs:pending.
-- ARGV: entry id, name in jobs:pending, …

for i = 1, #ARGV, 2 do
    if redis.call('HGET', KEYS[1], ARGV[i + 1]) == ARGV[i] then
        redis.call('HDEL', KEYS[1], ARGV[i + 1])
    end
end
return 1
