-- The channels of an org; forgets those that have expired. KEYS: channels:<org>. ARGV: prefix of
-- channel hashes. Returns their hashes.
local channels = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    local channel = redis.call('HGETALL', ARGV[1] .. id)
    if #channel == 0 then
        redis.call('SREM', KEYS[1], id)
    else
        channels[#channels + 1] = channel
    end
end
return channels
