-- A run's figures, and a sign of life: its job and its lease are its own for another while. KEYS: jobs,
-- lease:<org>, run:<org>:<id>, connection:<org>. ARGV: consumer, job, fence ('0' for a preview), lease in
-- ms, whether it ends ('1'), users of the directory ('' when they were not counted), when the next run is
-- due ('0' when that is not known), then field, value, … of the run. Returns 0 when job or lease are not its own any more.
--#include "lua/jobs.lua"

local jobs, lease, run, connection = unpack(KEYS)
local consumer, job, fence, lease_ms, ends, users, next_us = unpack(ARGV, 1, 7)

if not owns(jobs, consumer, job) then return 0 end
if fence ~= '0' and redis.call('HGET', lease, 'fence') ~= fence then return 0 end

redis.call('HSET', run, unpack(ARGV, 8))
redis.call('XCLAIM', jobs, 'workers', consumer, 0, job, 'JUSTID')
if ends == '1' then
    redis.call('HSET', run, 'ended_us', text_of(now_us()))
    if fence ~= '0' then redis.call('DEL', lease) end
elseif fence ~= '0' then
    redis.call('PEXPIRE', lease, lease_ms)
end
if users ~= '' then
    redis.call('HSET', connection, 'last_resync_us', text_of(now_us()), 'directory_users', users)
end
if next_us ~= '0' then redis.call('HSET', connection, 'next_resync_us', next_us) end
return 1
