-- Moves delayed jobs whose time has come into the stream. KEYS: jobs:delayed, jobs, jobs:pending.
-- ARGV: how many at most. Returns the milliseconds until the next is due, -1 when there is none.
--#include "lua/jobs.lua"

local now_ms = math.floor(now_us() / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text_of(now_ms), 'LIMIT', 0, ARGV[1])
for _, text in ipairs(due) do
    local is_json, job = pcall(cjson.decode, text)
    if is_json and type(job) == 'table' and type(job.type) == 'string' and type(job.org) == 'string' then
        job.nonce = nil
        for field, value in pairs(job) do
            if type(value) ~= 'string' then job[field] = tostring(value) end
        end
        enqueue(KEYS[2], KEYS[3], job)
    else
        -- Whatever this is, a worker will bury it with the reason.
        redis.call('XADD', KEYS[2], '*', 'type', text)
    end
    redis.call('ZREM', KEYS[1], text)
end
local next_due = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if #next_due == 0 then
    return -1
end
return math.max(0, tonumber(next_due[2]) - now_ms)
