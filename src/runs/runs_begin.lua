-- A run begins. KEYS: jobs, lease:<org>, fences, runs:<org>. ARGV: consumer, job, run
-- id, org, lease in ms ('0' for a preview, which takes none), prefix of run hashes, prefix of undo sets,
-- then field, value, … of the run. Returns {'lost'}, {'busy', ms} or {'begun', fence}.
--#include "lua/jobs.lua"

local RUNS_KEPT = 100
local jobs, lease, fences, runs = unpack(KEYS)
local consumer, job, run, org, lease_ms, prefix, undo_prefix = unpack(ARGV, 1, 7)

-- A run of this very job has lost it; and whoever has the lease is the only one that writes.
local function give_up_others()
    for _, id in ipairs(redis.call('ZRANGE', runs, 0, -1)) do
        local state, mode, its_job = unpack(redis.call('HMGET', prefix .. id, 'state', 'mode', 'job'))
        if state == 'running' and (its_job == job or (lease_ms ~= '0' and mode ~= 'preview')) then
            redis.call('HSET', prefix .. id, 'state', 'lost', 'ended_us', text_of(now_us()))
        end
    end
end

if not owns(jobs, consumer, job) then return {'lost'} end

local fence = '0'
if lease_ms ~= '0' then
    local holder = redis.call('HGET', lease, 'job')
    if holder and holder ~= job then return {'busy', redis.call('PTTL', lease)} end
    fence = text_of(redis.call('HINCRBY', fences, org, 1))
    redis.call('HSET', lease, 'job', job, 'run', run, 'fence', fence)
    redis.call('PEXPIRE', lease, lease_ms)
end

give_up_others()
redis.call('HSET', prefix .. run, 'id', run, 'job', job, 'state', 'running', 'started_us', text_of(now_us()),
    unpack(ARGV, 8))
redis.call('ZADD', runs, text_of(now_us()), run)
local old = redis.call('ZRANGE', runs, 0, -RUNS_KEPT - 1)
for _, id in ipairs(old) do
    redis.call('DEL', prefix .. id, undo_prefix .. id)
    redis.call('ZREM', runs, id)
end
return {'begun', fence}
