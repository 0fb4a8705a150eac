-- Moves a connection's state, and ends its troubles. KEYS: connection:<org>. ARGV: the new state, then the
-- states it may come from. Returns 0 when it is in none of them.
local state = redis.call('HGET', KEYS[1], 'state') or 'disconnected'
for i = 2, #ARGV do
    if ARGV[i] == state then
        local t = redis.call('TIME')
        redis.call('HSET', KEYS[1], 'state', ARGV[1], 'refused', '', 'deaf', '', 'channel_until_us',
            string.format('%.0f', t[1] * 1000000 + t[2]))
        return 1
    end
end
return 0
