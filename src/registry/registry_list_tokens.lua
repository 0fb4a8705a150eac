-- A page of tokens in the order of their ids; forgets those that have expired. KEYS: tokens. ARGV: prefix of
-- token hashes, the org ('' for all), the id after which to begin, how many. Returns {whether more follow, token hash, …}.
local digests, ids = {}, {}
local index = redis.call('HGETALL', KEYS[1])
for i = 1, #index, 2 do
    digests[index[i]] = index[i + 1]
    ids[#ids + 1] = index[i]
end
table.sort(ids)
local page = {0}
for _, id in ipairs(ids) do
    local key = ARGV[1] .. digests[id]
    local org = redis.call('HGET', key, 'org')
    if not org then
        redis.call('HDEL', KEYS[1], id)
    elseif id > ARGV[3] and (ARGV[2] == '' or org == ARGV[2]) then
        if #page > tonumber(ARGV[4]) then
            page[1] = 1
            break
        end
        page[#page + 1] = redis.call('HGETALL', key)
    end
end
return page
