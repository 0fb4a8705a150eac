-- The suspension guard and its hold. Included by the scripts of the roster, after jobs.lua.

local DAY_US = 86400 * 1000000
local HOLD_KEPT_MS = 7 * 86400 * 1000

-- How many suspensions 24 hours may see, and how many the last ones saw. Never more than half of the
-- linked members, but one may always go.
local function guard_of(suspended, link, least, percent)
    redis.call('ZREMRANGEBYSCORE', suspended, '-inf', text_of(now_us() - DAY_US))
    local linked = redis.call('HLEN', link)
    local limit = math.max(tonumber(least), math.floor(linked * tonumber(percent) / 100))
    return math.min(limit, math.max(1, math.floor(linked / 2))), redis.call('ZCARD', suspended), linked
end

local function open_hold(hold)
    if redis.call('HSETNX', hold, 'opened_us', text_of(now_us())) == 1 then
        redis.call('PEXPIRE', hold, HOLD_KEPT_MS)
    end
end

-- A member's suspension waits for a person, from now on or since it first did.
local function put_on_hold(hold, member, reason)
    local field = 'member:' .. member
    local entry = redis.call('HGET', hold, field)
    if entry and cjson.decode(entry).reason == reason then return end
    redis.call('HSET', hold, field, cjson.encode({reason = reason, since_us = text_of(now_us())}))
    open_hold(hold)
end

local function take_off_hold(hold, member)
    redis.call('HDEL', hold, 'member:' .. member)
    if redis.call('HLEN', hold) == 1 then redis.call('DEL', hold) end -- when it was opened
end

-- The hold as {members = {{id, reason, since_us}, …}, loss = {…} or nil, digest}; nil when nothing is
-- held. The digest names exactly these members, these reasons, and this loss.
local function read_hold(hold)
    local fields = redis.call('HGETALL', hold)
    local read, lines = {members = {}}, {}
    for i = 1, #fields, 2 do
        local id = string.match(fields[i], '^member:(.*)$')
        if id then
            local entry = cjson.decode(fields[i + 1])
            read.members[#read.members + 1] = {id = id, reason = entry.reason, since_us = entry.since_us}
            lines[#lines + 1] = id .. ' ' .. entry.reason
        elseif fields[i] == 'loss' then
            read.loss = cjson.decode(fields[i + 1])
            lines[#lines + 1] = 'loss ' .. read.loss.digest
        elseif fields[i] == 'opened_us' then
            read.opened_us = fields[i + 1]
        end
    end
    if #lines == 0 then return nil end
    table.sort(lines)
    table.sort(read.members, function(a, b) return a.id < b.id end)
    read.digest = redis.sha1hex(table.concat(lines, '\n'))
    return read
end
