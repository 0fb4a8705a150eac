-- Ends a job: done, put off, or buried. KEYS: jobs, jobs:delayed, jobs:dead.
-- ARGV: consumer, entry id, delay in ms, the delayed job ('' for none), then the fields of the dead
-- letter. Returns 0, and does nothing, when the job is not this consumer's any more.
--#include "lua/jobs.lua"

if not owns(KEYS[1], ARGV[1], ARGV[2]) then
    return 0
end
if ARGV[4] ~= '' then
    delay(KEYS[2], tonumber(ARGV[3]), ARGV[4])
end
if #ARGV > 4 then
    local letter = {'dead_us', text_of(now_us())}
    for i = 5, #ARGV do
        letter[#letter + 1] = ARGV[i]
    end
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', 100000, '*', unpack(letter))
end
finish(KEYS[1], ARGV[2])
return 1
