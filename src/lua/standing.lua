-- How the queue stands. Included by the scripts of the queue that tell it, after jobs.lua.

-- Returns depth, running, delayed, dead, age of the oldest entry in ms.
local function standing(jobs, delayed, dead)
    local running = 0
    local groups = redis.pcall('XPENDING', jobs, 'workers')
    if not groups.err then running = groups[1] end
    local oldest = redis.call('XRANGE', jobs, '-', '+', 'COUNT', 1)
    local age = 0
    if #oldest > 0 then
        age = math.max(0, math.floor(now_us() / 1000) - tonumber(string.match(oldest[1][1], '^%d+')))
    end
    return redis.call('XLEN', jobs), running, redis.call('ZCARD', delayed), redis.call('XLEN', dead), age
end
