-- Sets a timer, unless it waits already. KEYS: jobs:delayed. ARGV: delay in ms, the job.
--#include "lua/jobs.lua"

if not redis.call('ZSCORE', KEYS[1], ARGV[2]) then
    delay(KEYS[1], tonumber(ARGV[1]), ARGV[2])
end
return 1
