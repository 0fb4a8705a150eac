-- The beginning of one user's sync. KEYS: email:<org>, clock. ARGV: folded address ('' when the key is
-- an id), prefix of member hashes. Returns the time, and the directory id of a linked member.
--#include "lua/jobs.lua"

-- Each beginning is later than the one before, also when the server's clock is set back, or another
-- server whose clock is behind takes over: else new reads would count as older than the last commit.
local now = math.max(now_us(), tonumber(redis.call('GET', KEYS[2]) or 0) + 1)
redis.call('SET', KEYS[2], text_of(now))

local linked = false
if ARGV[1] ~= '' then
    local id = redis.call('HGET', KEYS[1], ARGV[1])
    linked = id and redis.call('HGET', ARGV[2] .. id, 'directory_id')
end
return {text_of(now), linked or ''}
