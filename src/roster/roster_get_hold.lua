-- What waits for a person, and how the guard stands. KEYS: hold:<org>, suspended:<org>, link:<org>.
-- ARGV: prefix of member hashes, guard_min, guard_percent. Returns {limit, used, linked, digest ('' when
-- nothing is held), opened_us, ms until it expires, loss as {field, members, linked, digest} or {},
-- then {id, reason, since_us, email, name} for each member}.
--#include "lua/jobs.lua"
--#include "lua/guard.lua"

local limit, used, linked = guard_of(KEYS[2], KEYS[3], ARGV[2], ARGV[3])
local hold = read_hold(KEYS[1])
if not hold then return {limit, used, linked, '', '', 0, {}} end

local loss = hold.loss and {hold.loss.field, hold.loss.members, hold.loss.linked, hold.loss.digest} or {}
local answer = {limit, used, linked, hold.digest, hold.opened_us or '', redis.call('PTTL', KEYS[1]), loss}
for _, member in ipairs(hold.members) do
    local who = redis.call('HMGET', ARGV[1] .. member.id, 'email', 'name')
    answer[#answer + 1] = {member.id, member.reason, member.since_us, who[1] or '', who[2] or ''}
end
return answer
