-- Stores a channel. KEYS: channel:<id>, channels:<org>. ARGV: channel id, when to forget it (ms),
-- then field, value, …
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('PEXPIREAT', KEYS[1], ARGV[2])
redis.call('SADD', KEYS[2], ARGV[1])
return 1
