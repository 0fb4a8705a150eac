-- Finds a token, and notes that it is used, at most once in a while. KEYS: token:<digest>. ARGV: now (us), and since
-- when an earlier use is good enough (us). A Redis that takes no writes just now does not hinder the reading.
-- Returns its hash.
local token = redis.call('HGETALL', KEYS[1])
if #token > 0 and tonumber(redis.call('HGET', KEYS[1], 'last_used_us') or 0) < tonumber(ARGV[2]) then
    redis.pcall('HSET', KEYS[1], 'last_used_us', ARGV[1])
end
return token
