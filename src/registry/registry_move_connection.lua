-- Moves a connection's state. KEYS: connection:<org>. ARGV: the new state, the reason for people,
-- then the states it may come from. Returns 0 when it is in none of them.
local state = redis.call('HGET', KEYS[1], 'state') or 'disconnected'
for i = 3, #ARGV do
    if ARGV[i] == state then
        redis.call('HSET', KEYS[1], 'state', ARGV[1], 'failure', ARGV[2])
        return 1
    end
end
return 0
