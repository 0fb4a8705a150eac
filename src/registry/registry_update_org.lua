-- Changes an org's settings. KEYS: org:<org>. ARGV: field, value, … Returns 0 when there is none.
if redis.call('EXISTS', KEYS[1]) == 0 then
    return 0
end
if #ARGV > 0 then redis.call('HSET', KEYS[1], unpack(ARGV)) end
return 1
