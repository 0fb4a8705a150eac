-- Opens a session for whoever shows a token, or a login link, which is taken with that. KEYS: what is shown
-- (token:<digest>, or login:<digest>), token:<digest> of the session, tokens. ARGV: the digest of the token ('': it is a
-- link), the session's id, its digest, now and when it ends at the latest (us), and the prefix of token hashes. Returns
-- its hash, empty when what is shown opens nothing.
local org, kind, name, permissions, by, ends = unpack(
    redis.call('HMGET', KEYS[1], 'org', 'kind', 'name', 'permissions', 'created_by', 'expires_us'))
local parent, id, digest, now, latest, prefix = unpack(ARGV)
ends = tonumber(ends or 0)
if not org or kind == 'session' or (ends > 0 and ends <= tonumber(now)) then
    return {}
end
if ends > 0 and ends < tonumber(latest) then
    latest = string.format('%.0f', ends)
end
local session = {'kind', 'session', 'id', id, 'org', org, 'permissions', permissions or '', 'created_us', now,
                 'expires_us', latest}
local function add(field, value)
    if value then
        session[#session + 1] = field
        session[#session + 1] = value
    end
end
add('name', name)
if parent ~= '' then
    add('parent', parent)
    add('created_by', name)
    redis.call('HSET', KEYS[1], 'last_used_us', now)
else
    add('created_by', by)
    redis.call('DEL', KEYS[1])
end
redis.call('HSET', KEYS[2], unpack(session))
redis.call('PEXPIREAT', KEYS[2], string.format('%.0f', math.floor(tonumber(latest) / 1000)))
-- Sessions end by themselves: a few entries of the index are looked at each time, so that it does not grow.
local some = redis.call('HRANDFIELD', KEYS[3], 4, 'WITHVALUES')
for i = 1, #some, 2 do
    if redis.call('EXISTS', prefix .. some[i + 1]) == 0 then
        redis.call('HDEL', KEYS[3], some[i])
    end
end
redis.call('HSET', KEYS[3], id, digest)
return redis.call('HGETALL', KEYS[2])
