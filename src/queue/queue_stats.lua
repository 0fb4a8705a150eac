-- How the queue stands. KEYS: jobs, jobs:delayed, jobs:dead.
-- Returns depth, running, delayed, dead, age of the oldest entry in ms.
--#include "lua/jobs.lua"
--#include "lua/standing.lua"

return {standing(KEYS[1], KEYS[2], KEYS[3])}
