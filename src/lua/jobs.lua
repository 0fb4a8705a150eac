-- How a job enters the stream, and leaves it. Included by the scripts of the queue and the roster.

local function now_us()
    local t = redis.call('TIME')
    return t[1] * 1000000 + t[2]
end

local function text_of(number)
    return string.format('%.0f', number)
end

-- Puts a job (a table of field → text) into the stream, unless an equal one waits there already.
-- Returns the id of the entry that waits, and whether it is new.
local function enqueue(jobs, pending, job)
    local name = job.type .. ':' .. job.org
    if job.user then name = name .. ':' .. string.lower(job.user) end
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
    return id, true
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
