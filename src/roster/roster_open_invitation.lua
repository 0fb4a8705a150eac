-- A member's invitation, in the place of the one they had. KEYS: org:<org>, member, invitation:<digest>.
-- ARGV: org, member id, digest, how many ms it is kept, prefix of invitations. Returns {} for nobody, {status} for
-- one who is not invited, else {'invited', org's name, address, name}.
local status, old, email, name = unpack(redis.call('HMGET', KEYS[2], 'status', 'invitation', 'email', 'name'))
if not status then return {} end
if status ~= 'invited' then return {status} end
if old then redis.call('DEL', ARGV[5] .. old) end
redis.call('HSET', KEYS[3], 'org', ARGV[1], 'member', ARGV[2])
redis.call('PEXPIRE', KEYS[3], ARGV[4])
redis.call('HSET', KEYS[2], 'invitation', ARGV[3])
return {status, redis.call('HGET', KEYS[1], 'name') or ARGV[1], email, name or ''}
