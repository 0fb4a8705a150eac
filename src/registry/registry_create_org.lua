-- Makes an org. KEYS: org:<org>, orgs. ARGV: org id, then field, value, … Returns 0 when it is taken.
if redis.call('EXISTS', KEYS[1]) == 1 then
    return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('SADD', KEYS[2], ARGV[1])
return 1
