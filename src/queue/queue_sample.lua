-- Notes how the queue stands, unless that was done in this minute. KEYS: jobs, jobs:delayed, jobs:dead,
-- queue:history, where an entry's id is its minute. Returns the milliseconds until the next minute.
--#include "lua/jobs.lua"
--#include "lua/standing.lua"

local MINUTE_MS, HOUR_MS, KEPT_MS = 60000, 3600000, 1439 * 60000

-- How many entries there ever were; nil where Redis does not count them (before 7.0).
local function ever_enqueued(jobs)
    if redis.call('EXISTS', jobs) == 0 then return 0 end
    local about = redis.pcall('XINFO', 'STREAM', jobs)
    for i = 1, #about, 2 do
        if about[i] == 'entries-added' then return about[i + 1] end
    end
end

local now_ms = math.floor(now_us() / 1000)
local minute_ms = now_ms - now_ms % MINUTE_MS
local last = redis.call('XREVRANGE', KEYS[4], '+', '-', 'COUNT', 1)
local last_ms = #last > 0 and tonumber(string.match(last[1][1], '^%d+')) or 0

-- A clock that was that wrong must not keep us from writing until its time has come.
if last_ms > minute_ms + HOUR_MS then
    redis.call('DEL', KEYS[4])
    last_ms = 0
end
if last_ms < minute_ms then
    local depth, _, delayed, dead, age = standing(KEYS[1], KEYS[2], KEYS[3])
    local sample = {'depth', depth, 'delayed', delayed, 'dead', dead, 'oldest_ms', age}
    local enqueued = ever_enqueued(KEYS[1])
    if enqueued then
        sample[#sample + 1] = 'enqueued'
        sample[#sample + 1] = enqueued
    end
    redis.call('XADD', KEYS[4], 'MINID', text_of(minute_ms - KEPT_MS), text_of(minute_ms), unpack(sample))
end
return minute_ms + MINUTE_MS - now_ms
