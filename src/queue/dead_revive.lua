-- A dead letter is tried again, from the beginning. KEYS: jobs, jobs:pending, jobs:dead. ARGV:
-- max_waiting, the letter's id, who asked for it. Returns the id of the entry that waits, and 1 if it is
-- new; nothing when there is no such letter.
--#include "lua/jobs.lua"

local TYPES = {user = true, resync = true, channels = true, mail = true}
local KEPT = {type = true, org = true, user = true, member = true, cause = true, mode = true}

local letter = redis.call('XRANGE', KEYS[3], ARGV[2], ARGV[2])[1]
if not letter then return {} end

local job, fields = {by = ARGV[3]}, letter[2]
for i = 1, #fields, 2 do
    if KEPT[fields[i]] then job[fields[i]] = job[fields[i]] or fields[i + 1] end
end
if not TYPES[job.type] or not job.org then
    return redis.error_reply('NOJOB it never was a job: there is nothing to try')
end
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then
    return redis.error_reply('FULL the queue is full')
end
local id, is_new = enqueue(KEYS[1], KEYS[2], job)
redis.call('XDEL', KEYS[3], ARGV[2])
return {id, is_new and 1 or 0}
