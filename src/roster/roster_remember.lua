-- What a person did to the org. KEYS: history:<org>. ARGV: field, before, after, cause.
--#include "lua/jobs.lua"
--#include "lua/members.lua"

remember(KEYS[1], {member = '', field = ARGV[1], before = ARGV[2], after = ARGV[3], cause = ARGV[4], job = ''})
return 1
