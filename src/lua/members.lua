-- Reading members, and changing them. Included by the scripts of the roster, after jobs.lua.
--#include "lua/orders.lua"

local CHAIN_MAX = 1000

-- A member's hash as a flat list, with the manager's address and name joined; an empty list for nobody.
local function member_of(prefix, id)
    if not id then return {} end
    local hash = redis.call('HGETALL', prefix .. id)
    local manager = #hash > 0 and redis.call('HGET', prefix .. id, 'manager')
    if manager and manager ~= '' then
        local has = redis.call('HMGET', prefix .. manager, 'email', 'name')
        for i, field in ipairs({'manager_email', 'manager_name'}) do
            hash[#hash + 1] = field
            hash[#hash + 1] = has[i] or ''
        end
    end
    return hash
end

-- Whether `id` is `boss`, or reports to them over some steps.
local function reports_to(prefix, id, boss)
    for _ = 1, CHAIN_MAX do
        if not id or id == '' then return false end
        if id == boss then return true end
        id = redis.call('HGET', prefix .. id, 'manager')
    end
    return true
end

-- Whether auto-sync is on, by connection:<org>.
local function is_syncing(connection)
    local state = redis.call('HGET', connection, 'state')
    return state == 'active' or state == 'failing'
end

-- Everybody who waits for one of these addresses as their manager is synced again.
local function wake(keys, prefix, waiting_prefix, org, addresses)
    for _, address in ipairs(addresses) do
        for _, id in ipairs(redis.call('SMEMBERS', waiting_prefix .. address)) do
            local user = redis.call('HGET', prefix .. id, 'directory_id')
            if user and user ~= '' then
                enqueue(keys.jobs, keys.pending, {type = 'user', org = org, user = user,
                    cause = 'manager-appeared'})
            end
        end
    end
end

local HISTORY_KEPT_MS = 400 * 86400 * 1000

local function oldest_kept_ms()
    return math.floor(now_us() / 1000) - HISTORY_KEPT_MS
end

-- What happened to a member, or ('') to the org. Their address stands there, too: it is the name by which people
-- know them, also when they are gone.
local function remember(history, entry)
    local members = string.gsub(history, 'history:([^:]+)$', 'members:%1')
    local email = entry.member ~= '' and redis.call('HGET', members, entry.member)
    redis.call('XADD', history, 'MINID', '~', text_of(oldest_kept_ms()), '*', 'member', entry.member, 'field',
        entry.field, 'before', entry.before, 'after', entry.after, 'cause', entry.cause, 'job', entry.job,
        'at_us', text_of(now_us()), 'email', email or '')
end

local function count_status(counts, before, after)
    if before == after then return end
    if before then redis.call('HINCRBY', counts, before, -1) end
    if after then redis.call('HINCRBY', counts, after, 1) end
end

-- What else tells of a member goes with them: their place in the orders, and in counts:<org>. Here alone members are
-- written (but for fields that neither knows), so that these never say otherwise. `before` and `after` as in arrange().
local function follow(key, before, after)
    local front, org, id = string.match(key, '^(.*)member:([^:]+):([^:]+)$')
    arrange(front .. 'order:' .. org, id, before, after)
    count_status(front .. 'counts:' .. org, before and before.status, after and after.status)
end

-- Writes a table of fields.
local function write_member(key, set)
    local before, after, flat = sorted_fields(key), {}, {}
    for field, value in pairs(set) do
        flat[#flat + 1] = field
        flat[#flat + 1] = value
    end
    redis.call('HSET', key, unpack(flat))
    local is_moved = not before
    for _, field in ipairs(SORTED_BY) do
        after[field] = set[field] or before and before[field] or ''
        is_moved = is_moved or after[field] ~= before[field]
    end
    if is_moved then follow(key, before, after) end
end

local function erase_member(key)
    follow(key, sorted_fields(key), nil)
    redis.call('DEL', key)
end

-- The same for a member who is there: whoever has viewed them before sees that (roster_commit.lua).
local function change_member(key, set)
    write_member(key, set)
    redis.call('HINCRBY', key, 'version', 1)
end

-- 'active', 'suspended (deleted)'
local function status_words(status, reason)
    return reason == '' and status or status .. ' (' .. reason .. ')'
end

-- Ends a suspension. Returns the status that the member has again, given the one before.
local function lift(key, before)
    local back = before == 'invited' and 'invited' or 'active'
    write_member(key, {status = back, suspended_by = '', suspended_reason = '', suspended_us = ''})
    return back
end

-- A person decided that this is no reason to suspend the member. A conflict is not decided with that; and whose
-- link is gone with the connection, is kept in step with nothing.
local function keep_member(key, reason, now)
    local set = {kept_reason = reason, approved_reason = '', digest = '', updated_us = now}
    local state = redis.call('HGET', key, 'sync_state')
    if state ~= 'conflict' and state ~= 'unmatched' then
        set.sync_state = 'synced'
        set.detail = reason .. ' in the directory; a person decided to keep this member'
    end
    change_member(key, set)
end
