-- The answer to a consent has come. KEYS: consent:<digest of its state>. ARGV: the digest of the browser's
-- secret ('' for none), '1' to take it whoever that is. Returns {whether it is taken, consent hash}.
local browser, by_admin = unpack(redis.call('HMGET', KEYS[1], 'browser', 'by_admin'))
local consent = redis.call('HGETALL', KEYS[1])
if ARGV[2] ~= '1' and by_admin ~= '1' and browser ~= ARGV[1] then
    return {0, consent}
end
redis.call('DEL', KEYS[1])
return {1, consent}
