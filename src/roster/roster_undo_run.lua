-- Lifts a run's suspensions, those that still stand. KEYS: undo:<org>:<run>, run:<org>:<run>, history:<org>.
-- ARGV: prefix of member hashes, who. Returns -1 when there is no such run, else how many were lifted.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

if redis.call('EXISTS', KEYS[2]) == 0 then return -1 end
local prefix, by = ARGV[1], ARGV[2]
local now = text_of(now_us())
local lifted = 0

local function undo(id, at)
    local key = prefix .. id
    local stored = redis.call('HMGET', key, 'status', 'suspended_by', 'suspended_us', 'suspended_reason',
        'status_before')
    local status, suspended_by, suspended_us, reason, before = unpack(stored)
    if status ~= 'suspended' or suspended_by ~= 'directory' or suspended_us ~= at then return end
    local back = lift(key, before)
    keep_member(key, reason, now)
    remember(KEYS[3], {member = id, field = 'status', before = status_words(status, reason), after = back,
        cause = 'undone by ' .. by, job = ''})
    lifted = lifted + 1
end

local suspended = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #suspended, 2 do
    undo(suspended[i], text_of(tonumber(suspended[i + 1])))
end
redis.call('DEL', KEYS[1])
redis.call('HINCRBY', KEYS[2], 'undone', lifted)
return lifted
