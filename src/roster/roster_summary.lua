-- How many members there are of each status, and of each state of sync. KEYS: order:<org>. ARGV: prefix of member hashes,
-- '1' when everybody was arranged just now. Returns the counts, of statuses and then of states, in the order of their
-- enums; nil when members have to be arranged first.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

if ARGV[2] ~= '1' and excess_of(KEYS[1], 'email') ~= 0 then return false end

local function count(status, sync_state)
    local members = 0
    for _, shelf in ipairs(shelves_of(KEYS[1], 'email', status, sync_state)) do
        members = members + redis.call('ZCARD', shelf)
    end
    return members
end

local counts = {}
for _, status in ipairs(STATUSES) do counts[#counts + 1] = count(status, '') end
for _, sync_state in ipairs(SYNC_STATES) do counts[#counts + 1] = count('', sync_state) end
return counts
