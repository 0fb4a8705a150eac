-- How a job enters the stream, and leaves it. Included by the scripts of the queue and the roster.

local function now_us()
    local t = redis.call('TIME')
    return t[1] * 1000000 + t[2]
end

local function text_of(number)
    return string.format('%.0f', number)
end

-- Under which name equal jobs are coalesced.
local function name_of(job)
    if job.type == 'mail' then return 'mail:' .. job.org .. ':' .. (job.member or '') end
    if job.user then return 'user:' .. job.org .. ':' .. string.lower(job.user) end
    return (job.mode == 'preview' and 'preview' or job.type) .. ':' .. job.org
end

-- How many user jobs of an org may wait: one users.get each is to cost no more than two full passes
-- over the listing, of 500 users a page.
local function backlog_limit(jobs, org)
    local connection = string.sub(jobs, 1, -5) .. 'connection:' .. org
    local users = tonumber(redis.call('HGET', connection, 'directory_users') or 0) or 0
    return math.max(20, 2 * math.ceil(users / 500))
end

-- Puts a job (a table of field → text) into the stream, unless an equal one waits there already.
-- Returns the id of the entry that waits, and whether it is new. When too many users of an org wait,
-- one resync takes their place (see is_covered).
local function enqueue(jobs, pending, job)
    local name = name_of(job)
    local waiting = redis.call('HGET', pending, name)
    if waiting and #redis.call('XRANGE', jobs, waiting, waiting) > 0 then
        return waiting, false
    end
    job.first_us = job.first_us or text_of(now_us())
    local entry = {}
    for field, value in pairs(job) do
        entry[#entry + 1] = field
        entry[#entry + 1] = value
    end
    local id = redis.call('XADD', jobs, '*', unpack(entry))
    redis.call('HSET', pending, name, id)
    if job.type == 'user' then
        local count = redis.call('HINCRBY', pending, 'count:' .. job.org, waiting and 0 or 1)
        if count > backlog_limit(jobs, job.org) then
            local resync = enqueue(jobs, pending, {type = 'resync', org = job.org, cause = 'backlog'})
            redis.call('HSET', pending, 'backlog:' .. job.org, resync)
        end
    end
    return id, true
end

-- A job is taken: from now on an equal one may be queued again. A resync that was queued because of a
-- backlog covers whatever users were queued before its listing begins.
local function start(jobs, pending, job)
    local name = name_of(job)
    if redis.call('HGET', pending, name) ~= job.id then return end
    redis.call('HDEL', pending, name)
    if job.type == 'user' and redis.call('HINCRBY', pending, 'count:' .. job.org, -1) <= 0 then
        redis.call('HDEL', pending, 'count:' .. job.org)
    elseif redis.call('HGET', pending, 'backlog:' .. job.org) == job.id then
        redis.call('HDEL', pending, 'backlog:' .. job.org)
        redis.call('HSET', pending, 'covered:' .. job.org, redis.call('XREVRANGE', jobs, '+', '-', 'COUNT', 1)[1][1])
    end
end

-- Whether a stream id is not younger than another.
local function is_until(id, last)
    local ms, count = string.match(id, '(%d+)-(%d+)')
    local last_ms, last_count = string.match(last, '(%d+)-(%d+)')
    ms, last_ms = tonumber(ms), tonumber(last_ms)
    return ms < last_ms or (ms == last_ms and tonumber(count) <= tonumber(last_count))
end

-- Whether a resync does this user's work: because of a backlog it waits, or was taken later than this
-- job was queued.
local function is_covered(jobs, pending, job)
    if job.type ~= 'user' then return false end
    local resync = redis.call('HGET', pending, 'backlog:' .. job.org)
    if resync and #redis.call('XRANGE', jobs, resync, resync) > 0 then return true end
    local last = redis.call('HGET', pending, 'covered:' .. job.org)
    return last and is_until(job.id, last)
end

-- Whether the entry is still held by this consumer.
local function owns(jobs, consumer, id)
    local held = redis.call('XPENDING', jobs, 'workers', id, id, 1)
    return #held == 1 and held[1][2] == consumer
end

-- How often it was taken over goes with it (see queue_take.lua).
local function finish(jobs, id)
    redis.call('XACK', jobs, 'workers', id)
    redis.call('XDEL', jobs, id)
    redis.call('HDEL', jobs .. ':pending', 'taken:' .. id)
end

local function delay(delayed, delay_ms, text)
    redis.call('ZADD', delayed, text_of(math.floor(now_us() / 1000) + delay_ms), text)
end
