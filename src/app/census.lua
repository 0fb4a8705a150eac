-- A page of the orgs in figures. KEYS: orgs. ARGV: the prefix of every key, the cursor of SSCAN ('0' to begin),
-- how many at a time. Returns {next cursor ('0' at the end), {org, invited, active, suspended, last resync
-- in µs, live channels, open holds}, …}.
--#include "lua/jobs.lua"
--#include "lua/guard.lua"

local prefix = ARGV[1]

local function live_channels(org, now)
    local live = 0
    for _, id in ipairs(redis.call('SMEMBERS', prefix .. 'channels:' .. org)) do
        local channel = redis.call('HMGET', prefix .. 'channel:' .. id, 'resource_id', 'expiration_us')
        local is_open = channel[1] and channel[1] ~= ''
        if is_open and tonumber(channel[2] or 0) > now then live = live + 1 end
    end
    return live
end

local page = redis.call('SSCAN', KEYS[1], ARGV[2], 'COUNT', ARGV[3])
local now = now_us()
local answer = {page[1]}
for _, org in ipairs(page[2]) do
    local counts = redis.call('HMGET', prefix .. 'counts:' .. org, 'invited', 'active', 'suspended')
    answer[#answer + 1] = {org, counts[1] or 0, counts[2] or 0, counts[3] or 0,
        redis.call('HGET', prefix .. 'connection:' .. org, 'last_resync_us') or 0,
        live_channels(org, now), read_hold(prefix .. 'hold:' .. org) and 1 or 0}
end
return answer
