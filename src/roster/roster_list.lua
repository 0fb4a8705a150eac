-- A page of members in the order they were made. KEYS: order:<org>. ARGV: prefix of member hashes, status, state of
-- sync, team, a pattern of name or address ('' each for any), cursor ('' for the beginning), how many. Looks at five
-- thousand members at most; the cursor goes on from there. Returns {cursor of what follows or '', member, …}.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

local BATCH = 501 -- the largest page, and one more
local prefix, status, sync, team, pattern = unpack(ARGV)
local from = ARGV[6] ~= '' and '(' .. ARGV[6] or '-inf'
local limit = tonumber(ARGV[7])
local is_any = status == '' and sync == '' and team == '' and pattern == ''

local function fits(id)
    if is_any then return true end
    local has = redis.call('HMGET', prefix .. id, 'status', 'sync_state', 'team', 'name', 'email')
    return (status == '' or has[1] == status) and (sync == '' or has[2] == sync) and (team == '' or has[3] == team)
        and (pattern == '' or string.find(has[4] or '', pattern) or string.find(has[5] or '', pattern))
end

local page = {''}
for _ = 1, 10 do
    local found = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES', 'LIMIT', 0, BATCH)
    for i = 1, #found, 2 do
        if fits(found[i]) then
            if #page > limit then return page end
            page[#page + 1] = member_of(prefix, found[i])
        end
        page[1] = text_of(tonumber(found[i + 1]))
    end
    if #found < 2 * BATCH then
        page[1] = ''
        return page
    end
    from = '(' .. page[1]
end
return page
