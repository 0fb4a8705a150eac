-- ARGV: prefix of member hashes, the member's id. Returns the member.
--#include "lua/jobs.lua"
--#include "lua/members.lua"
return member_of(ARGV[1], ARGV[2])
