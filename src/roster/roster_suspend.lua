-- A person suspends a member; the sync never lifts it. KEYS, ARGV, answer: see decisions.lua.
--#include "lua/jobs.lua"
--#include "lua/guard.lua"
--#include "lua/members.lua"
--#include "lua/decisions.lua"

if subject.role == 'owner' then
    return {'refused', 'the owner is never suspended: hand the ownership over first'}
end
if subject.status == 'suspended' and subject.suspended_by == 'manual' then return done() end

local set = {status = 'suspended', suspended_by = 'manual', suspended_reason = 'manual'}
if subject.status ~= 'suspended' then
    set.status_before, set.suspended_us = subject.status, now
end
release(set)
change(subject, set)
tell(subject, 'status', status_words(subject.status, subject.suspended_reason), 'suspended (manual)', 'suspended')
return done()
