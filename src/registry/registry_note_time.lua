-- Notes a time of a connection while auto-sync is on: of one that is gone, nothing comes back. KEYS:
-- connection:<org>. ARGV: field, value.
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'active' or state == 'failing' then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
return 1
