-- Changes, newest first. KEYS: history:<org>. ARGV: member id ('' for everybody), the id before
-- which to begin ('' for now), how many. Looks at 10,000 entries at most; the cursor goes on from
-- there. Returns {cursor of what follows or '', entry, …}.
local before = ARGV[2] ~= '' and '(' .. ARGV[2] or '+'
local limit = tonumber(ARGV[3])
local page = {''}
for _ = 1, 20 do
    local entries = redis.call('XREVRANGE', KEYS[1], before, '-', 'COUNT', 500)
    for _, entry in ipairs(entries) do
        if ARGV[1] == '' or entry[2][2] == ARGV[1] then
            if #page > limit then return page end
            page[#page + 1] = entry
        end
        page[1] = entry[1]
    end
    if #entries < 500 then
        page[1] = ''
        return page
    end
    before = '(' .. page[1]
end
return page
