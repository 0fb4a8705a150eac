-- A page of orgs in the order of their ids. KEYS: orgs. ARGV: prefix of org hashes, the id after
-- which to begin, how many. Returns {whether more follow, org hash, …}.
local ids = redis.call('SMEMBERS', KEYS[1])
table.sort(ids)
local page = {0}
for _, id in ipairs(ids) do
    if id > ARGV[2] then
        if #page > tonumber(ARGV[3]) then
            page[1] = 1
            break
        end
        page[#page + 1] = redis.call('HGETALL', ARGV[1] .. id)
    end
end
return page
