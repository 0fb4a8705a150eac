-- Stores a channel. KEYS: channel:<id>, channels:<org>, connection:<org>. ARGV: channel id, when to forget it
-- (ms), the connection's revision, then field, value, … Returns 0 when the connection has another one by now, or
-- auto-sync is off.
local state, revision = unpack(redis.call('HMGET', KEYS[3], 'state', 'revision'))
if revision ~= ARGV[3] or (state ~= 'active' and state ~= 'failing') then
    return 0
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('PEXPIREAT', KEYS[1], ARGV[2])
redis.call('SADD', KEYS[2], ARGV[1])
return 1
