-- Finds a token or session, and notes that it is used, at most once in a while. KEYS: token:<digest>. ARGV: now (us),
-- since when an earlier use is good enough (us), and the prefix of token hashes. A Redis that takes no writes just now
-- does not hinder the reading. Returns {its hash, the hash of the token that a session was made from}.
local token = redis.call('HGETALL', KEYS[1])
local used, parent = unpack(redis.call('HMGET', KEYS[1], 'last_used_us', 'parent'))
if #token > 0 and tonumber(used or 0) < tonumber(ARGV[2]) then
    redis.pcall('HSET', KEYS[1], 'last_used_us', ARGV[1])
end
return {token, parent and redis.call('HGETALL', ARGV[3] .. parent) or {}}
