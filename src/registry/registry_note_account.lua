-- What was found out about the account behind a connection. KEYS: connection:<org>. ARGV: the connection's
-- revision, then field, value, … Returns 0 when it has another one by now.
if redis.call('HGET', KEYS[1], 'revision') ~= ARGV[1] then
    return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return 1
