-- What an invitation's link leads to. KEYS: invitation:<digest>. ARGV: prefix of all keys, '1' to accept it.
-- Returns {} when there is none, else {the member's status (after that), org, org's name, member id, address,
-- name, how many ms it is still kept}.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

local org, id = unpack(redis.call('HMGET', KEYS[1], 'org', 'member'))
if not org then return {} end
local prefix = ARGV[1]
local member = prefix .. 'member:' .. org .. ':' .. id
local status, email, name = unpack(redis.call('HMGET', member, 'status', 'email', 'name'))
if not status then return {} end -- deleted since

if ARGV[2] == '1' and status == 'invited' then
    change_member(member, {status = 'active', updated_us = text_of(now_us())})
    remember(prefix .. 'history:' .. org, {member = id, field = 'status', before = status, after = 'active',
        cause = 'accepted the invitation', job = ''})
    status = 'active'
end
return {status, org, redis.call('HGET', prefix .. 'org:' .. org, 'name') or org, id, email, name or '',
    redis.call('PTTL', KEYS[1])}
