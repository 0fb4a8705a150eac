-- Whom a directory user may concern. KEYS: link:<org>, email:<org>, address:<org>.
-- ARGV: prefix of member hashes, directory id, primary address, manager's address ('' for none),
-- then the aliases. Returns {linked, by primary, by alias, how many by alias, manager, loops}.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

local prefix = ARGV[1]
local linked = ARGV[2] ~= '' and redis.call('HGET', KEYS[1], ARGV[2])
local by_primary = ARGV[3] ~= '' and redis.call('HGET', KEYS[2], ARGV[3])

local by_alias, alias_count, seen = false, 0, {}
for i = 5, #ARGV do
    local id = redis.call('HGET', KEYS[2], ARGV[i])
    if id and not seen[id] then
        seen[id] = true
        by_alias = id
        alias_count = alias_count + 1
    end
end

local manager, loops = false, false
if ARGV[4] ~= '' then
    manager = redis.call('HGET', KEYS[3], ARGV[4]) or redis.call('HGET', KEYS[2], ARGV[4])
    local concerned = linked or by_primary or (alias_count == 1 and by_alias)
    loops = manager and concerned and reports_to(prefix, manager, concerned)
end

return {member_of(prefix, linked), member_of(prefix, by_primary),
        member_of(prefix, alias_count == 1 and by_alias), alias_count,
        member_of(prefix, manager), loops and 1 or 0}
