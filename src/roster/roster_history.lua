-- Changes, newest first, none that is older than is kept. KEYS: history:<org>. ARGV: member id, field ('' for
-- any), the ms from which on, the id before which to begin ('' for now), how many. Looks at ten thousand entries
-- at most; the cursor goes on from there. Returns {cursor of what follows or '', entry, …}.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

local BATCH = 501 -- the largest page, and one more
local member, field, limit = ARGV[1], ARGV[2], tonumber(ARGV[5])
local since = text_of(math.max(tonumber(ARGV[3]), oldest_kept_ms()))
local before = ARGV[4] ~= '' and '(' .. ARGV[4] or '+'

-- In the order in which remember() writes them.
local function fits(fields)
    return (member == '' or fields[2] == member) and (field == '' or fields[4] == field)
end

if ARGV[4] == '0-0' then return {''} end -- Redis cannot be asked what is before the first

local page = {''}
for _ = 1, 20 do
    local entries = redis.call('XREVRANGE', KEYS[1], before, since, 'COUNT', BATCH)
    for _, entry in ipairs(entries) do
        if fits(entry[2]) then
            if #page > limit then return page end
            page[#page + 1] = entry
        end
        page[1] = entry[1]
    end
    if #entries < BATCH then
        page[1] = ''
        return page
    end
    before = '(' .. page[1]
end
return page
