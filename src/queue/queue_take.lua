-- These jobs run from now on: an equal one may be queued again. A user whose work a resync does is
-- done with here. KEYS: jobs, jobs:pending. ARGV: how often a job may be taken over, then for each job
-- its entry id, type, org, user, member, mode, and '1' when it was taken over from a worker that did not end it.
-- Returns the time in µs, then for each 1 when it is to be run, 0 when it is not there any more, 2 when
-- it was taken over too often.
--#include "lua/jobs.lua"

-- Where Redis is short of memory this is refused, and nothing was done: no job is begun whose effect
-- could not be written.
redis.call('HSET', KEYS[2], 'taken_us', text_of(now_us()))

local most = tonumber(ARGV[1])
local answers = {text_of(now_us())}
for i = 2, #ARGV, 7 do
    local job = {id = ARGV[i], type = ARGV[i + 1], org = ARGV[i + 2],
        user = ARGV[i + 3] ~= '' and ARGV[i + 3] or nil, member = ARGV[i + 4], mode = ARGV[i + 5]}
    local is_worn_out = ARGV[i + 6] == '1' and redis.call('HINCRBY', KEYS[2], 'taken:' .. job.id, 1) > most
    start(KEYS[1], KEYS[2], job)
    local covered = is_covered(KEYS[1], KEYS[2], job)
    if covered then finish(KEYS[1], job.id) end
    answers[#answers + 1] = covered and 0 or (is_worn_out and 2 or 1)
end
return answers
