-- A new member. KEYS: org:<org>, member, email:<org>, members:<org>, order:<org>, history:<org>,
-- jobs, jobs:pending, connection:<org>, link:<org>, uninvited:<org>. ARGV: the member as JSON, with
-- what is no part of it as "creation", prefix of member hashes, prefix of waiting sets. Returns 'created',
-- 'no org', 'off', 'taken', 'uninvited', 'owner' or 'manager'.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

local member = cjson.decode(ARGV[1])
local prefix, waiting_prefix = ARGV[2], ARGV[3]
local org, folded, creation = member.org, member.folded, member.creation
member.org, member.folded, member.creation = nil, nil, nil
local user = creation.directory_id

-- Whom the directory showed is invited while it is still the org's; and, where nobody asked, while that is
-- still wanted.
local function is_off()
    local state, revision = unpack(redis.call('HMGET', KEYS[9], 'state', 'revision'))
    local since = redis.call('HGET', KEYS[1], 'invites_since_us') or '0'
    return revision ~= creation.revision or (state ~= 'active' and state ~= 'failing')
        or (creation.is_automatic and since == '0')
end

if redis.call('EXISTS', KEYS[1]) == 0 then return 'no org' end
if creation.revision ~= '' and is_off() then return 'off' end
if redis.call('HEXISTS', KEYS[3], folded) == 1 then return 'taken' end
if user ~= '' and redis.call('HEXISTS', KEYS[10], user) == 1 then return 'taken' end
if creation.is_automatic and (redis.call('SISMEMBER', KEYS[11], user) == 1
        or redis.call('SISMEMBER', KEYS[11], folded) == 1) then
    return 'uninvited'
end
if member.role == 'owner' and redis.call('HEXISTS', KEYS[1], 'owner') == 1 then return 'owner' end
if member.manager ~= '' and redis.call('EXISTS', prefix .. member.manager) == 0 then return 'manager' end

local now = text_of(now_us())
member.created_us, member.updated_us, member.version = now, now, '1'
write_member(KEYS[2], member)
redis.call('HSET', KEYS[3], folded, member.id)
redis.call('HSET', KEYS[4], member.id, member.email)
redis.call('ZADD', KEYS[5], now, member.id)
if member.role == 'owner' then redis.call('HSET', KEYS[1], 'owner', member.id) end
remember(KEYS[6], {member = member.id, field = 'member', before = '', after = member.email,
    cause = creation.cause, job = creation.job})
redis.call('SREM', KEYS[11], folded, user)

-- Those who wait for this address are synced again; and, where auto-sync is on, the new member is.
local keys = {jobs = KEYS[7], pending = KEYS[8]}
wake(keys, prefix, waiting_prefix, org, {folded})
if is_syncing(KEYS[9]) then
    enqueue(keys.jobs, keys.pending, {type = 'user', org = org, user = user ~= '' and user or member.email,
        cause = 'member-created'})
end
if creation.is_mailed and member.status == 'invited' then
    enqueue(keys.jobs, keys.pending, {type = 'mail', org = org, member = member.id, cause = 'invited'})
end
return 'created'
