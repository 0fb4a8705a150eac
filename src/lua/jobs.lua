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
            local resync = enqueue(jobs, pending, {type = 'resync', org = job.org, cause = 'backlog',
                first_us = text_of(now_us())})
            redis.call('HSET', pending, 'backlog:' .. job.org, resync)
        end
    end
    return id, true
end

-- A job is taken: from now on an equal one may be queued again.
local function start(pending, job)
    local name = name_of(job)
    if redis.call('HGET', pending, name) ~= job.id then return end
    redis.call('HDEL', pending, name)
    if job.type == 'user' and redis.call('HINCRBY', pending, 'count:' .. job.org, -1) <= 0 then
        redis.call('HDEL', pending, 'count:' .. job.org)
    elseif job.type == 'resync' and job.mode ~= 'preview' then
        redis.call('HDEL', pending, 'backlog:' .. job.org)
    end
end

-- Whether a resync that still waits will do this user's work: it was queued because of a backlog, and
-- its listing will begin later than now.
local function is_covered(jobs, pending, job)
    local resync = job.type == 'user' and redis.call('HGET', pending, 'backlog:' .. job.org)
    return resync and redis.call('HGET', pending, 'resync:' .. job.org) == resync
        and #redis.call('XRANGE', jobs, resync, resync) > 0
end

-- Whether the entry is still held by this consumer.
local function owns(jobs, consumer, id)
    local held = redis.call('XPENDING', jobs, 'workers', id, id, 1)
    return #held == 1 and held[1][2] == consumer
end

local function finish(jobs, id)
    redis.call('XACK', jobs, 'workers', id)
    redis.call('XDEL', jobs, id)
end

local function delay(delayed, delay_ms, text)
    redis.call('ZADD', delayed, text_of(math.floor(now_us() / 1000) + delay_ms), text)
end
