-- What is new, and how the org stands. KEYS: history:<org>, hold:<org>, connection:<org>, runs:<org>. ARGV: the id of
-- the entry behind which to begin ('' for the newest, '0-0' for the first), how many entries, how many there may be
-- behind it, prefix of run hashes, how many runs, how many fields the hold had ('' for not known). Returns {id to go on
-- behind, whether there is more (1), whether the way is lost (1), the connection's state, how many fields the hold has,
-- {its digest or '', its suspensions} or {} where it has as many as before, a digest of the runs, entry, …}.
--#include "lua/jobs.lua"
--#include "lua/guard.lua"

local history, hold_key, connection, runs = unpack(KEYS)
local after, limit, max_behind = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local function newest()
    local last = redis.call('XREVRANGE', history, '+', '-', 'COUNT', 1)[1]
    return last and last[1] or '0-0'
end

local function behind(id, count)
    return redis.call('XRANGE', history, '(' .. id, '+', 'COUNT', count)
end

-- Entries and whether there are more; nil when there is no such entry, or too many follow it.
local function what_follows(id)
    if id ~= '0-0' and #redis.call('XRANGE', history, id, id) == 0 then return nil end
    local entries = behind(id, limit + 1)
    if #entries <= limit then return entries, false end
    if #behind(id, max_behind + 1) > max_behind then return nil end
    entries[#entries] = nil
    return entries, true
end

local function digest_of_runs()
    local words = {}
    for _, id in ipairs(redis.call('ZREVRANGE', runs, 0, tonumber(ARGV[5]) - 1)) do
        words[#words + 1] = table.concat(redis.call('HGETALL', ARGV[4] .. id), ' ')
    end
    return redis.sha1hex(table.concat(words, '\n'))
end

local function read_other_hold(size)
    if text_of(size) == ARGV[6] then return {} end
    local hold = read_hold(hold_key)
    return hold and {hold.digest, #hold.members} or {'', 0}
end

local entries, has_more
if after ~= '' then entries, has_more = what_follows(after) end
local place = entries and (#entries > 0 and entries[#entries][1] or after) or newest()
local size = redis.call('HLEN', hold_key)

return {place, has_more and 1 or 0, after ~= '' and not entries and 1 or 0,
    redis.call('HGET', connection, 'state') or 'disconnected', size, read_other_hold(size), digest_of_runs(),
    unpack(entries or {})}
