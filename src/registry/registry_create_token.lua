-- Makes a token. KEYS: token:<digest>, tokens, org:<org>. ARGV: token id, digest, its org, when it expires (ms;
-- 0: never), then field, value, … Returns 0 when there is no such org.
if ARGV[3] ~= '*' and redis.call('EXISTS', KEYS[3]) == 0 then
    return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
if ARGV[4] ~= '0' then
    redis.call('PEXPIREAT', KEYS[1], ARGV[4])
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
