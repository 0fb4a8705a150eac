-- A person lifts a suspension. The directory's own is answered: its reason is none any more for this
-- member. KEYS, ARGV, answer: see decisions.lua.
--#include "lua/jobs.lua"
--#include "lua/guard.lua"
--#include "lua/members.lua"
--#include "lua/decisions.lua"

if subject.status ~= 'suspended' then return done() end

local back = lift(prefix .. subject.id, subject.status_before)
local warnings = {}
if subject.suspended_by == 'directory' then
    keep_member(prefix .. subject.id, subject.suspended_reason, now)
    warnings[1] = subject.suspended_reason .. ' in the directory, when that was last asked: '
        .. 'the sync keeps this member until the directory gives another reason'
else
    change(subject, {})
end
tell(subject, 'status', status_words('suspended', subject.suspended_reason), back, 'unsuspended')
look_again(subject, 'unsuspended')
return done(warnings)
