-- A page of an org's teams, by name, and how many are in each. KEYS: order:<org>. ARGV: prefix of member hashes, '1'
-- when everybody was arranged just now, cursor ('' for the beginning), how many. Returns {cursor of what follows or '',
-- {team, members}, …}; nil when members have to be arranged first.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

local _, was_arranged, cursor, limit = unpack(ARGV)
if was_arranged ~= '1' and excess_of(KEYS[1], 'team') ~= 0 then return false end

local shelves = shelves_of(KEYS[1], 'team', '', '')

-- What a team's places begin with, up to the end of its name. The next one's behind this; nil when there is none.
local function team_after(head)
    local nearest
    for _, shelf in ipairs(shelves) do
        local place = redis.call('ZRANGEBYLEX', shelf, head == '' and '-' or '[' .. head .. LAST, '(' .. LAST, 'LIMIT', 0, 1)[1]
        if place and (not nearest or is_before(place, nearest)) then nearest = place end
    end
    return nearest and string.match(nearest, '^[^\1]*\1[^\1]*\1')
end

local function members_of(head)
    local count = 0
    for _, shelf in ipairs(shelves) do
        count = count + redis.call('ZLEXCOUNT', shelf, '[' .. head, '(' .. head .. LAST)
    end
    return count
end

local page = {''}
local head = team_after(cursor)
while head do
    if #page > tonumber(limit) then return page end
    page[#page + 1] = {string.match(head, '\1(.*)\1'), members_of(head)}
    page[1] = head
    head = team_after(head)
end
page[1] = ''
return page
