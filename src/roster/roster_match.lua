-- Which members a directory's users are. KEYS: link:<org>, email:<org>. ARGV: for each user its id and its folded
-- addresses. Returns a member id for each, '' for nobody.
local members = {}
for i = 1, #ARGV, 2 do
    local member = redis.call('HGET', KEYS[1], ARGV[i])
    for address in string.gmatch(ARGV[i + 1], '%S+') do
        member = member or redis.call('HGET', KEYS[2], address)
    end
    members[#members + 1] = member or ''
end
return members
