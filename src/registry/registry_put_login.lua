-- Keeps a login link. KEYS: login:<digest>, org:<org>. ARGV: its org, its life in ms, then field, value, … Returns 0
-- when there is no such org.
if ARGV[1] ~= '*' and redis.call('EXISTS', KEYS[2]) == 0 then
    return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
