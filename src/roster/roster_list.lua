-- A page of members. KEYS: order:<org>. ARGV: prefix of member hashes, '1' when everybody was arranged just now, status,
-- state of sync, team, a text of name or address ('' each for any), cursor ('' for the beginning), how many, the order
-- ('created', 'name', 'email', 'team'), '1' for backwards. Looks at five thousand members at most; the cursor goes on
-- from there. Returns {cursor of what follows or '', member, …}; nil when members have to be arranged first.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

local LOOKED_AT_MAX = 5000
local prefix, was_arranged, status, sync, team, text, cursor = unpack(ARGV)
local limit, order, is_backward = tonumber(ARGV[8]), ARGV[9], ARGV[10] == '1'
local batch = math.max(limit + 1, 100)
local made = KEYS[1]
text = fold(text)
-- Within a team everybody stands by name in the order of the teams.
local is_of_team = team ~= '' and (order == 'name' or order == 'team')
if is_of_team then order = 'team' end

-- Members in the order in which they were made, each as a place: the time, then the id.
local function read_made(from)
    local first, found, places = from ~= '' and '(' .. string.match(from, '^%d+'), nil, {}
    if is_backward then
        found = redis.call('ZREVRANGEBYSCORE', made, first or '+inf', '-inf', 'WITHSCORES', 'LIMIT', 0, batch)
    else
        found = redis.call('ZRANGEBYSCORE', made, first or '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, batch)
    end
    for i = 1, #found, 2 do places[#places + 1] = text_of(tonumber(found[i + 1])) .. '\1' .. found[i] end
    return places
end

-- Places of a shelf that begin like this.
local function reader_of(shelf, head)
    local least, most = head == '' and '-' or '[' .. head, head == '' and '+' or '(' .. head .. LAST
    return function(from)
        if is_backward then
            return redis.call('ZREVRANGEBYLEX', shelf, from ~= '' and '(' .. from or most, least, 'LIMIT', 0, batch)
        end
        return redis.call('ZRANGEBYLEX', shelf, from ~= '' and '(' .. from or least, most, 'LIMIT', 0, batch)
    end
end

-- What is read one after the other, and together is the list; only the filters that are left say no more than that.
local function sources_of()
    local sources = {}
    if order == 'created' then return {{read = read_made, from = cursor, places = {}, at = 1}} end
    local head = is_of_team and team_part(team) .. '\1' or ''
    for _, shelf in ipairs(shelves_of(made, order, status, sync)) do
        sources[#sources + 1] = {read = reader_of(shelf, head), from = cursor, places = {}, at = 1}
    end
    status, sync, team = '', '', is_of_team and '' or team
    return sources
end

-- The place where a source stands; nil at its end.
local function place_at(source)
    if source.at > #source.places and source.from then
        source.places, source.at = source.read(source.from), 1
        source.from = #source.places == batch and source.places[batch] or nil
    end
    return source.places[source.at]
end

-- The next place of all sources; nil at the end.
local function next_place(sources)
    local nearest, nearest_place
    for _, source in ipairs(sources) do
        local place = place_at(source)
        if place and (not nearest or is_before(place, nearest_place) ~= is_backward) then
            nearest, nearest_place = source, place
        end
    end
    if nearest then nearest.at = nearest.at + 1 end
    return nearest_place
end

local function is_as_wanted(id)
    local has = redis.call('HMGET', prefix .. id, 'status', 'sync_state', 'team')
    return (status == '' or has[1] == status) and (sync == '' or has[2] == sync) and (team == '' or has[3] == team)
end

local function is_called(id)
    local name, email = unpack(redis.call('HMGET', prefix .. id, 'name', 'email'))
    return string.find(fold(name or ''), text, 1, true) or string.find(fold(email or ''), text, 1, true)
end

local function fits(id)
    return (status .. sync .. team == '' or is_as_wanted(id)) and (text == '' or is_called(id))
end

if order ~= 'created' and was_arranged ~= '1' and excess_of(made, order) ~= 0 then return false end

local page, sources = {''}, sources_of()
for _ = 1, LOOKED_AT_MAX do
    local place = next_place(sources)
    if not place then
        page[1] = ''
        return page
    end
    local id = string.match(place, '[^\1]*$')
    if fits(id) then
        if #page > limit then return page end
        page[#page + 1] = member_of(prefix, id)
    end
    page[1] = order == 'created' and string.match(place, '^%d+') or place
end
return page
