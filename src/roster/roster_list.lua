-- A page of members in the order they were made. KEYS: order:<org>. ARGV: prefix of member hashes,
-- cursor ('' for the beginning), how many. Returns {cursor of what follows or '', member, …}.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

local from = ARGV[2] ~= '' and '(' .. ARGV[2] or '-inf'
local limit = tonumber(ARGV[3])
local found = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
local page = {''}
for i = 1, math.min(#found, 2 * limit), 2 do
    page[#page + 1] = member_of(ARGV[1], found[i])
    if i == 2 * limit - 1 and #found > 2 * limit then page[1] = text_of(tonumber(found[i + 1])) end
end
return page
