-- Drops the links of some members of an org whose connection is leaving; what they are stays as it is. With
-- the last of them it has left. KEYS: connection:<org>, order:<org>, link:<org>, address:<org>, hold:<org>.
-- ARGV: prefix of member hashes, prefix of waiting sets, cursor ('' for the beginning), how many. Returns the
-- cursor of what follows, or ''.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

local connection, order, link, address, hold = unpack(KEYS)
local prefix, waiting_prefix = ARGV[1], ARGV[2]
local from = ARGV[3] ~= '' and '(' .. ARGV[3] or '-inf'
local now = text_of(now_us())

-- No read through this connection is written any more, so none of the next one's has to be newer than those.
local function unlink(id)
    local key = prefix .. id
    local user, addresses, pending, state = unpack(redis.call('HMGET', key, 'directory_id', 'directory_addresses',
        'pending_manager', 'sync_state'))
    user, pending = user or '', pending or ''
    if user == '' and pending == '' and state == 'unmatched' then return end
    redis.call('HDEL', link, user)
    for one in string.gmatch(addresses or '', '%S+') do redis.call('HDEL', address, one) end
    if pending ~= '' then redis.call('SREM', waiting_prefix .. pending, id) end
    change_member(key, {directory_id = '', directory_addresses = '', digest = '', pending_manager = '',
        observed_us = '', sync_state = 'unmatched', detail = '', approved_reason = '', kept_reason = '',
        updated_us = now})
end

if redis.call('HGET', connection, 'leaving') ~= '1' then return '' end
local found = redis.call('ZRANGEBYSCORE', order, from, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
for i = 1, #found, 2 do unlink(found[i]) end
if #found == 2 * tonumber(ARGV[4]) then return text_of(tonumber(found[#found])) end

redis.call('DEL', link, address, hold) -- what is left there is nobody's
redis.call('HDEL', connection, 'leaving')
return ''
