-- The end of a connection: nobody has its credentials any more, no commit knows its revision, and the run
-- that is under way has lost its lease. What is left of it are the links (roster_unlink.lua). KEYS:
-- connection:<org>, lease:<org>.
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'state', 'disconnected', 'leaving', '1')
return 1
