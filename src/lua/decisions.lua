-- A person's decision about one member: what it is taken from, and how it is written down. Included by
-- the scripts of roster_decisions.c, after jobs.lua, guard.lua and members.lua. KEYS: in the order below.
-- ARGV: the member's id, org, who, prefix of member hashes, prefix of waiting sets, then the script's own.
-- They return {'nobody'}, {'refused', sentence}, or {'done', the member, sentence of warning, …}.

local org_key, connection, members, order, email, link, address, hold, history, jobs, pending, uninvited =
    unpack(KEYS)
local org, by, prefix, waiting_prefix = unpack(ARGV, 2, 5)
local now = text_of(now_us())

-- A member as a table, what is not stored being ''; nil for nobody.
local function read_member(id)
    local hash = redis.call('HGETALL', prefix .. id)
    if #hash == 0 then return nil end
    local member = setmetatable({}, {__index = function() return '' end})
    for i = 1, #hash, 2 do member[hash[i]] = hash[i + 1] end
    return member
end

local subject = read_member(ARGV[1]) -- who it is about
if not subject then return {'nobody'} end

local function change(member, set)
    set.updated_us = now
    change_member(prefix .. member.id, set)
end

-- `deed`: "edited", "suspended", …
local function tell(member, field, before, after, deed)
    remember(history, {member = member.id, field = field, before = before, after = after,
        cause = deed .. ' by ' .. by, job = ''})
end

-- The sync looks at the member anew: soon where auto-sync is on, else when it comes by. What it writes is
-- not by the person who decided.
local function look_again(member, deed)
    redis.call('HSET', prefix .. member.id, 'digest', '')
    if member.directory_id ~= '' and is_syncing(connection) then
        enqueue(jobs, pending, {type = 'user', org = org, user = member.directory_id, cause = deed})
    end
end

-- A suspension of theirs that waits does so no longer; adds to `set` what they show instead.
local function release(set)
    if subject.sync_state ~= 'held' then return end
    local awaited = set.pending_manager or subject.pending_manager
    take_off_hold(hold, subject.id)
    set.sync_state = awaited ~= '' and 'pending' or 'synced'
    set.detail, set.approved_reason = '', ''
end

local function done(warnings)
    return {'done', member_of(prefix, subject.id), unpack(warnings or {})}
end
