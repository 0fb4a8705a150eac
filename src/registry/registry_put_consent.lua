-- Keeps a consent that was begun. KEYS: consent:<digest of its state>. ARGV: its life in ms, then field,
-- value, …
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
