-- Stores sealed credentials, unless the key that seals by now is one their sealer does not know.
-- KEYS: connection:<org>, sealing_key. ARGV: the marks of the sealer's keys, a field and the value by which
-- the connection that is to be changed is known ('': there is none), then field, value, … Returns 1; 0 when
-- it is another one by now, or is leaving; -1 when the sealer's keys are outdated.
local current = redis.call('GET', KEYS[2])
if current and not string.find(ARGV[1], current, 1, true) then
    return -1
end
if (redis.call('HGET', KEYS[1], ARGV[2]) or '') ~= ARGV[3] then
    return 0
end
if redis.call('HGET', KEYS[1], 'leaving') == '1' then
    return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
return 1
