-- Enqueues one job. KEYS: jobs, jobs:pending. ARGV: max_waiting, then field, value, …
-- Returns the id of the entry that waits, and 1 if it is new.
--#include "lua/jobs.lua"

local job = {}
for i = 2, #ARGV, 2 do
    job[ARGV[i]] = ARGV[i + 1]
end
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then
    return redis.error_reply('FULL the queue is full')
end
local id, is_new = enqueue(KEYS[1], KEYS[2], job)
return {id, is_new and 1 or 0}
