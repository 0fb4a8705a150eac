-- A run that would empty a field of too many waits for a person. KEYS: hold:<org>, lease:<org>. ARGV: the run's
-- fence, field, how many would lose it, of how many, the digest of who they are. Returns 0 when the lease is
-- another run's, or nobody's, by now.
--#include "lua/jobs.lua"
--#include "lua/guard.lua"

if redis.call('HGET', KEYS[2], 'fence') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'loss', cjson.encode({field = ARGV[2], members = ARGV[3], linked = ARGV[4],
    digest = ARGV[5]}))
open_hold(KEYS[1])
return 1
