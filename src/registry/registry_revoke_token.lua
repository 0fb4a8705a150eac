-- Revokes a token. KEYS: tokens. ARGV: token id, prefix of token hashes. Returns 0 when there is none.
local digest = redis.call('HGET', KEYS[1], ARGV[1])
if not digest then
    return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
return redis.call('DEL', ARGV[2] .. digest)
