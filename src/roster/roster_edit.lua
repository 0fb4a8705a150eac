-- A person edits a member. KEYS, ARGV, answer: see decisions.lua; then the wanted fields as JSON.
--#include "lua/jobs.lua"
--#include "lua/guard.lua"
--#include "lua/members.lua"
--#include "lua/decisions.lua"

local wanted = cjson.decode(ARGV[6])
for field, value in pairs(wanted) do
    if value == subject[field] then wanted[field] = nil end
end
if not next(wanted) then return done() end

-- What may not be; nil when all may.
local function refusal()
    if wanted.role and subject.role == 'owner' then
        return 'this is the owner: hand the ownership over first'
    elseif wanted.role == 'owner' and subject.status ~= 'active' then
        return 'only an active member can become the owner'
    elseif not wanted.manager or wanted.manager == '' then
        return nil
    elseif wanted.manager == subject.id then
        return 'nobody is their own manager'
    elseif redis.call('EXISTS', prefix .. wanted.manager) == 0 then
        return 'manager_id names nobody in this org'
    elseif reports_to(prefix, wanted.manager, subject.id) then
        return 'that would make a circle of managers'
    end
end

local refused = refusal()
if refused then return {'refused', refused} end

local becomes_owner = wanted.role == 'owner'
local set = {}
for field, value in pairs(wanted) do set[field] = value end
if wanted.team then set.team_source = wanted.team ~= '' and 'manual' or '' end
if wanted.manager then
    set.manager_source, set.pending_manager = wanted.manager ~= '' and 'manual' or '', ''
    redis.call('SREM', waiting_prefix .. subject.pending_manager, subject.id)
    if subject.sync_state == 'pending' then set.sync_state = 'synced' end
end
if wanted.protected == '1' or becomes_owner then release(set) end
change(subject, set)

local function words_of(field, value)
    if field == 'protected' then return value == '1' and 'true' or 'false' end
    if field == 'manager' then return redis.call('HGET', prefix .. value, 'email') or '' end
    return value
end

for _, field in ipairs({'name', 'role', 'team', 'manager', 'protected'}) do
    if wanted[field] then
        tell(subject, field, words_of(field, subject[field]), words_of(field, wanted[field]), 'edited')
    end
end

-- The ownership is handed over: there is exactly one owner.
if becomes_owner then
    local former = read_member(redis.call('HGET', org_key, 'owner') or '')
    redis.call('HSET', org_key, 'owner', subject.id)
    if former then
        change(former, {role = 'admin'})
        tell(former, 'role', 'owner', 'admin', 'edited')
        look_again(former, 'edited')
    end
end

-- What the sync has to say about it.
local when = ({active = 'within seconds', failing = 'as soon as the directory answers again',
    connected = 'once auto-sync is enabled'})[redis.call('HGET', connection, 'state') or '']
local empties = redis.call('HGET', org_key, 'clear_missing') == '1'
    and redis.call('HGET', connection, 'may_suspend') == '1'
local names = empties and {team = 'one, or none at all', manager = 'one who is a member, or none at all'}
    or {team = 'one', manager = 'one who is a member'}
local warnings = {}
for _, field in ipairs({'team', 'manager'}) do
    if wanted[field] and when and (subject.directory_id ~= '' or not is_syncing(connection)) then
        warnings[#warnings + 1] = field .. ' is kept by the directory: if that names ' .. names[field]
            .. ', the sync overwrites this edit ' .. when
    end
end
if wanted.protected == '1' and subject.status == 'suspended' and subject.suspended_by == 'directory' then
    warnings[#warnings + 1] = 'this member stays suspended: the protection counts once they are unsuspended'
end
if wanted.team or wanted.manager or wanted.protected or becomes_owner then look_again(subject, 'edited') end
return done(warnings)
