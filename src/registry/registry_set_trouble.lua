-- A trouble of a connection begins or ends. KEYS: connection:<org>. ARGV: 'refused' or 'deaf', the reason for
-- people ('' for the end), its code ('' for none). Returns 0 when it had that trouble, or had it not, before; or auto-sync is off.
local stored = redis.call('HMGET', KEYS[1], 'state', ARGV[1])
if stored[1] ~= 'active' and stored[1] ~= 'failing' then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2], ARGV[1] .. '_code', ARGV[3])
local troubles = redis.call('HMGET', KEYS[1], 'refused', 'deaf')
local has_trouble = (troubles[1] or '') ~= '' or (troubles[2] or '') ~= ''
redis.call('HSET', KEYS[1], 'state', has_trouble and 'failing' or 'active')
return ((stored[2] or '') ~= '') ~= (ARGV[2] ~= '') and 1 or 0
