-- A person's decision on exactly the list with this digest. KEYS: hold:<org>, jobs, jobs:pending,
-- connection:<org>, history:<org>. ARGV: digest, 'approve' or 'reject', prefix of member hashes, org, who.
-- Returns -1 when nothing is held, -2 when the list is another one, else how many members it concerns.
--#include "lua/jobs.lua"
--#include "lua/guard.lua"
--#include "lua/members.lua"

local hold = read_hold(KEYS[1])
if not hold then return -1 end
if hold.digest ~= ARGV[1] then return -2 end
local prefix, org, by = ARGV[3], ARGV[4], ARGV[5]
local now = text_of(now_us())

local function approve(member)
    local key = prefix .. member.id
    change_member(key, {approved_reason = member.reason, approved_us = now})
    local user = redis.call('HGET', key, 'directory_id')
    if not user or user == '' then return end
    enqueue(KEYS[2], KEYS[3], {type = 'user', org = org, user = user, cause = 'approved', by = by})
end

local function reject(member)
    keep_member(prefix .. member.id, member.reason, now)
    remember(KEYS[5], {member = member.id, field = 'hold', before = 'held (' .. member.reason .. ')',
        after = 'kept', cause = 'rejected by ' .. by, job = ''})
end

-- "2 suspensions, 8 of 40 members without team"
local function what_waits()
    local parts = {}
    if #hold.members > 0 then parts[1] = #hold.members .. (#hold.members == 1 and ' suspension' or ' suspensions') end
    if hold.loss then
        parts[#parts + 1] = hold.loss.members .. ' of ' .. hold.loss.linked .. ' members without ' .. hold.loss.field
    end
    return table.concat(parts, ', ')
end

local decision = ARGV[2] == 'approve' and 'approved' or 'rejected'
remember(KEYS[5], {member = '', field = 'hold', before = what_waits(), after = decision,
    cause = decision .. ' by ' .. by, job = ''})
for _, member in ipairs(hold.members) do
    if redis.call('HGET', prefix .. member.id, 'sync_state') == 'held' then
        if ARGV[2] == 'approve' then approve(member) else reject(member) end
    end
end
if hold.loss and ARGV[2] == 'approve' then
    redis.call('HSET', KEYS[4], 'approved_loss', hold.loss.digest, 'approved_loss_us', now)
    enqueue(KEYS[2], KEYS[3], {type = 'resync', org = org, cause = 'approved', by = by})
end
redis.call('DEL', KEYS[1])
return #hold.members
