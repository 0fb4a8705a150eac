-- The effect of one job, and its end, together; or that of what is nobody's job. KEYS: in the order below.
-- ARGV: the commit as JSON, prefix of member hashes, prefix of waiting sets.
-- Returns 'lost', 'stale', 'overtaken', 'held' or 'committed'.
--#include "lua/jobs.lua"
--#include "lua/guard.lua"
--#include "lua/members.lua"

local jobs, pending, delayed, member_key, link, address, history, suspended, email, hold, lease, undo,
    connection = unpack(KEYS)
local commit = cjson.decode(ARGV[1])
local prefix, waiting_prefix = ARGV[2], ARGV[3]
local set = commit.set

local function words(text)
    local list = {}
    for word in string.gmatch(text, '%S+') do list[#list + 1] = word end
    return list
end

-- A part of a run leaves the run's job alone.
local function finish_own()
    if commit.job and not commit.fence then finish(jobs, commit.job) end
end

if commit.job and not owns(jobs, commit.consumer, commit.job) then
    return 'lost'
end
if commit.fence and redis.call('HGET', lease, 'fence') ~= commit.fence then
    return 'lost'
end

-- Who was read through a connection that is not in use any more concerns nobody now.
if not is_syncing(connection) or redis.call('HGET', connection, 'revision') ~= commit.revision then
    finish_own()
    return commit.fence and 'lost' or 'stale'
end

local fields = {'version', 'observed_us', 'directory_id', 'directory_addresses', 'pending_manager', 'sync_state',
    'approved_reason', 'approved_us'}
local stored = {}
for i, value in ipairs(redis.call('HMGET', member_key, unpack(fields))) do
    stored[fields[i]] = value or ''
end

if (tonumber(stored.observed_us) or 0) > tonumber(commit.observed_us) then
    finish_own()
    return 'stale'
end

local holder = redis.call('HGET', link, commit.directory_id)
if stored.version ~= commit.version or (holder and holder ~= commit.member) then
    return 'overtaken'
end
if commit.new_manager and (redis.call('EXISTS', prefix .. set.manager) == 0
        or reports_to(prefix, set.manager, commit.member)) then
    return 'overtaken'
end

-- Who began to wait after the manager had appeared would never be woken.
local function has_appeared(folded)
    local id = redis.call('HGET', address, folded) or redis.call('HGET', email, folded)
    return id and redis.call('EXISTS', prefix .. id) == 1
end

local starts_waiting = set.pending_manager ~= '' and set.pending_manager ~= stored.pending_manager
if starts_waiting and has_appeared(set.pending_manager) then
    return 'overtaken'
end

-- The guard: suspensions within 24 hours against the number of linked members. Who is held stays so
-- until a person decides; who was approved for this very reason passes, and is not counted.
local is_approved = stored.approved_reason ~= '' and stored.approved_reason == set.suspended_reason
    and now_us() - (tonumber(stored.approved_us) or 0) < DAY_US

local function guard_lets_pass()
    local limit, used = guard_of(suspended, link, commit.guard_min, commit.guard_percent)
    return stored.sync_state ~= 'held' and (used < limit or redis.call('ZSCORE', suspended, commit.member))
end

if commit.suspends and not is_approved and not guard_lets_pass() then
    return 'held'
end

-- The member.
local now = text_of(now_us())
-- A conflict tells of another user: a read of the member's own that began before is still news.
if set.directory_id == commit.directory_id then set.observed_us = commit.observed_us end
set.last_synced_us = now
set.version = text_of(tonumber(stored.version) + 1)
if commit.is_visible then set.updated_us = now end
if commit.suspends then
    set.suspended_us = now
    if not is_approved then redis.call('ZADD', suspended, now, commit.member) end
    if commit.run then redis.call('ZADD', undo, now, commit.member) end
elseif commit.reinstates then
    set.suspended_us = '' -- it still counts for the guard until its day is over
end
if set.sync_state ~= 'held' then set.approved_reason = '' end
write_member(member_key, set)

-- What waits for a person.
if set.sync_state == 'held' then
    put_on_hold(hold, commit.member, commit.reason)
elseif stored.sync_state == 'held' then
    take_off_hold(hold, commit.member)
end

-- Who is linked, and under which addresses.
if commit.links then
    if stored.directory_id ~= '' then redis.call('HDEL', link, stored.directory_id) end
    redis.call('HSET', link, commit.directory_id, commit.member)
end
local had, appeared = {}, {}
for _, old in ipairs(words(stored.directory_addresses)) do had[old] = true end
for _, new in ipairs(words(set.directory_addresses)) do
    if not had[new] or commit.links then
        appeared[#appeared + 1] = new
        redis.call('HSET', address, new, commit.member)
    else
        redis.call('HSETNX', address, new, commit.member) -- it may be somebody else's since
    end
    had[new] = nil
end
for gone in pairs(had) do
    if redis.call('HGET', address, gone) == commit.member then redis.call('HDEL', address, gone) end
end

-- Who waits for which manager.
if stored.pending_manager ~= set.pending_manager then
    if stored.pending_manager ~= '' then
        redis.call('SREM', waiting_prefix .. stored.pending_manager, commit.member)
    end
    if set.pending_manager ~= '' then
        redis.call('SADD', waiting_prefix .. set.pending_manager, commit.member)
    end
end
wake({jobs = jobs, pending = pending}, prefix, waiting_prefix, commit.org, appeared)

-- What is told, and what follows.
for _, entry in ipairs(commit.history) do
    remember(history, {member = commit.member, field = entry.field, before = entry.before,
        after = entry.after, cause = commit.cause, job = commit.job or ''})
end
finish_own()
if commit.later then
    delay(delayed, commit.later.delay_ms, commit.later.text)
end
return 'committed'
