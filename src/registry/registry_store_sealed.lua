-- Stores sealed credentials, unless the key that seals by now is one their sealer does not know.
-- KEYS: connection:<org>, sealing_key. ARGV: the marks of the sealer's keys, the credentials that are to be
-- replaced ('' for whatever is there), then field, value, … Returns 1; 0 when others are there, or those
-- before are leaving; -1 when the sealer's keys are outdated.
local current = redis.call('GET', KEYS[2])
if current and not string.find(ARGV[1], current, 1, true) then
    return -1
end
if ARGV[2] ~= '' and redis.call('HGET', KEYS[1], 'credentials') ~= ARGV[2] then
    return 0
end
if redis.call('HGET', KEYS[1], 'leaving') == '1' then
    return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
return 1
