-- The beginning of one user's sync. KEYS: email:<org>. ARGV: folded address ('' when the key is an
-- id), prefix of member hashes. Returns the time, and the directory id of a linked member.
--#include "lua/jobs.lua"

local linked = false
if ARGV[1] ~= '' then
    local id = redis.call('HGET', KEYS[1], ARGV[1])
    linked = id and redis.call('HGET', ARGV[2] .. id, 'directory_id')
end
return {text_of(now_us()), linked or ''}
