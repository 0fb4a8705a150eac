-- The last runs, newest first. KEYS: runs:<org>. ARGV: prefix of run hashes, how many. Returns hashes.
local found = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, tonumber(ARGV[2]) - 1)) do
    found[#found + 1] = redis.call('HGETALL', ARGV[1] .. id)
end
return found
