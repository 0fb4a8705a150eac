-- These jobs run from now on: an equal one may be queued again. A user whose work a resync does is
-- done with here. KEYS: jobs, jobs:pending. ARGV: for each job its entry id, type, org, user,
-- mode. Returns for each 1 when it is to be run, 0 when it is not there any more.
--#include "lua/jobs.lua"

local answers = {}
for i = 1, #ARGV, 5 do
    local job = {id = ARGV[i], type = ARGV[i + 1], org = ARGV[i + 2],
        user = ARGV[i + 3] ~= '' and ARGV[i + 3] or nil, mode = ARGV[i + 4]}
    start(KEYS[1], KEYS[2], job)
    local covered = is_covered(KEYS[1], KEYS[2], job)
    if covered then finish(KEYS[1], job.id) end
    answers[#answers + 1] = covered and 0 or 1
end
return answers
