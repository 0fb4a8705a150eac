-- Gives members their places in the orders (orders.lua) who may have none: those of an org that is older than these.
-- KEYS: order:<org>. ARGV: prefix of member hashes, cursor ('' for the beginning), how many. Returns the cursor of what
-- follows, or ''.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

-- Somebody else has written members: such an order is worth nothing.
for _, order in ipairs(ORDERS) do
    if ARGV[2] == '' and excess_of(KEYS[1], order) > 0 then
        for _, shelf in ipairs(shelves_of(KEYS[1], order, '', '')) do redis.call('DEL', shelf) end
    end
end

local from = ARGV[2] ~= '' and '(' .. ARGV[2] or '-inf'
local found = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
for i = 1, #found, 2 do
    local member = sorted_fields(ARGV[1] .. found[i])
    if member then arrange(KEYS[1], found[i], nil, member) end
end
return #found == 2 * tonumber(ARGV[3]) and text_of(tonumber(found[#found])) or ''
