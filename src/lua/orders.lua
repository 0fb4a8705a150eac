-- The orders of an org's members: by name (or address, where there is none), by address, by team and then name. In
-- each of them everybody stands once, in the sorted set of their status and state of sync ("shelf"), as a text that
-- sorts by its bytes and ends in their id ("place"). members.lua alone writes these sets, where it writes members.
--#include "lua/fold.lua"

local ORDERS = {'name', 'email', 'team'}
local STATUSES = {'invited', 'active', 'suspended'}
local SYNC_STATES = {'unmatched', 'synced', 'pending', 'held', 'conflict', 'error'}
local SORTED_BY = {'name', 'email', 'team', 'status', 'sync_state'}
local PART_MAX, LAST = 200, '\255' -- LAST: what stands for nothing, behind all letters

-- As a part of a place: without what ends a part, and never long.
local function part_of(text)
    text = string.gsub(text, '%c', ' ')
    return #text <= PART_MAX and text or string.match(string.sub(text, 1, PART_MAX), '^(.-)[\192-\255]?[\128-\191]*$')
end

local function team_part(team)
    return (team == '' and LAST or part_of(fold(team))) .. '\1' .. part_of(team)
end

local function place_of(order, id, member)
    local name = part_of(fold(member.name ~= '' and member.name or member.email))
    if order == 'email' then name = part_of(fold(member.email)) end
    return (order == 'team' and team_part(member.team) .. '\1' or '') .. name .. '\1' .. id
end

-- `made`: order:<org>, whose members are in the order in which they were made.
local function shelf_of(made, order, status, sync_state)
    return made .. ':' .. order .. ':' .. status .. ':' .. sync_state
end

-- Those of an order that hold anybody; '' for whatever status, or state of sync.
local function shelves_of(made, order, status, sync_state)
    local shelves = {}
    for _, a in ipairs(status ~= '' and {status} or STATUSES) do
        for _, b in ipairs(sync_state ~= '' and {sync_state} or SYNC_STATES) do
            local shelf = shelf_of(made, order, a, b)
            if redis.call('EXISTS', shelf) == 1 then shelves[#shelves + 1] = shelf end
        end
    end
    return shelves
end

-- What of a member decides where they stand; nil for nobody.
local function sorted_fields(key)
    local values = redis.call('HMGET', key, unpack(SORTED_BY))
    if not values[4] then return nil end
    local member = {}
    for i, field in ipairs(SORTED_BY) do member[field] = values[i] or '' end
    return member
end

-- Moves a member to where they stand now. `before` is nil for a new one, `after` for one who is deleted.
local function arrange(made, id, before, after)
    for _, order in ipairs(ORDERS) do
        local from = before and shelf_of(made, order, before.status, before.sync_state)
        local to = after and shelf_of(made, order, after.status, after.sync_state)
        local old, new = before and place_of(order, id, before), after and place_of(order, id, after)
        if from ~= to or old ~= new then
            if before then redis.call('ZREM', from, old) end
            if after then redis.call('ZADD', to, 0, new) end
        end
    end
end

-- How many places an order has beyond the number of members: below 0 where not everybody stands there yet, as in an
-- org that is older than the orders.
local function excess_of(made, order)
    local excess = -redis.call('ZCARD', made)
    for _, shelf in ipairs(shelves_of(made, order, '', '')) do excess = excess + redis.call('ZCARD', shelf) end
    return excess
end

-- As Redis sorts them. (Lua's own comparison goes by the server's locale.)
local function is_before(a, b)
    for i = 1, math.min(#a, #b) do
        local x, y = string.byte(a, i), string.byte(b, i)
        if x ~= y then return x < y end
    end
    return #a < #b
end
