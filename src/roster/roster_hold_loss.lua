-- A run that would empty a field of too many waits for a person. KEYS: hold:<org>. ARGV: field, how many
-- would lose it, of how many, the digest of who they are.
--#include "lua/jobs.lua"
--#include "lua/guard.lua"

redis.call('HSET', KEYS[1], 'loss', cjson.encode({field = ARGV[1], members = ARGV[2], linked = ARGV[3],
    digest = ARGV[4]}))
open_hold(KEYS[1])
return 1
