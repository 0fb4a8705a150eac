-- How the queue stands. KEYS: jobs, jobs:delayed, jobs:dead.
-- Returns depth, running, delayed, dead, age of the oldest entry in ms.
--#include "lua/jobs.lua"

local running = 0
local groups = redis.pcall('XPENDING', KEYS[1], 'workers')
if not groups.err then running = groups[1] end
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
local age = 0
if #oldest > 0 then
    age = math.max(0, math.floor(now_us() / 1000) - tonumber(string.match(oldest[1][1], '^%d+')))
end
return {redis.call('XLEN', KEYS[1]), running, redis.call('ZCARD', KEYS[2]),
        redis.call('XLEN', KEYS[3]), age}
