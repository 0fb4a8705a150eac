-- A page of tokens and sessions in the order of their ids; forgets those that have expired, and sessions whose token is
-- gone. KEYS: tokens. ARGV: prefix of token hashes, the org ('' for all), the id after which to begin, how many. Returns
-- {the id after which more follow or '', {hash, hash of the token that a session was made from}, …}.
local digests, ids = {}, {}
local index = redis.call('HGETALL', KEYS[1])
for i = 1, #index, 2 do
    digests[index[i]] = index[i + 1]
    ids[#ids + 1] = index[i]
end
table.sort(ids)
local page, last = {''}, ''
for _, id in ipairs(ids) do
    local key = ARGV[1] .. digests[id]
    local org, parent = unpack(redis.call('HMGET', key, 'org', 'parent'))
    local parent_key = parent and ARGV[1] .. parent
    if not org or (parent and redis.call('EXISTS', parent_key) == 0) then
        redis.call('DEL', key)
        redis.call('HDEL', KEYS[1], id)
    elseif id > ARGV[3] and (ARGV[2] == '' or org == ARGV[2]) then
        if #page > tonumber(ARGV[4]) then
            page[1] = last
            break
        end
        page[#page + 1] = {redis.call('HGETALL', key), parent and redis.call('HGETALL', parent_key) or {}}
        last = id
    end
end
return page
