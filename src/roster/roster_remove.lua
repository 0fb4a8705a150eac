-- A person deletes a member. What the guard has counted of them stays counted. KEYS, ARGV, answer: see
-- decisions.lua.
--#include "lua/jobs.lua"
--#include "lua/guard.lua"
--#include "lua/members.lua"
--#include "lua/decisions.lua"

local id = subject.id
if subject.role == 'owner' then
    return {'refused', 'the owner cannot be deleted: hand the ownership over first'}
end

tell(subject, 'member', subject.email, '', 'deleted')
erase_member(prefix .. id)
redis.call('HDEL', members, id)
redis.call('ZREM', order, id)
redis.call('HDEL', email, string.lower(subject.email))
redis.call('HDEL', link, subject.directory_id)
for word in string.gmatch(subject.directory_addresses, '%S+') do
    if redis.call('HGET', address, word) == id then redis.call('HDEL', address, word) end
end
redis.call('SREM', waiting_prefix .. subject.pending_manager, id)
take_off_hold(hold, id)
-- Who was removed is not invited again but by a person.
redis.call('SADD', uninvited, string.lower(subject.email))
if subject.directory_id ~= '' then redis.call('SADD', uninvited, subject.directory_id) end

-- Nobody reports to who is gone. Where the directory still names them, they become a manager who is
-- waited for.
for _, other in ipairs(redis.call('ZRANGE', order, 0, -1)) do
    if redis.call('HGET', prefix .. other, 'manager') == id then
        local report = read_member(other)
        change(report, {manager = '', manager_source = ''})
        tell(report, 'manager', subject.email, '', 'manager deleted')
        look_again(report, 'manager-deleted')
    end
end
return {'done'}
