-- KEYS: org:<org>, connection:<org>. Returns both hashes.
return {redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[2])}
