-- A listing's users against what is stored. KEYS: link:<org>, email:<org>, address:<org>.
-- ARGV: prefix of member hashes, '1' when an empty field clears manual values too, then for each user:
-- directory id, digest, folded addresses, the manager's folded address ('' for none).
-- Returns a letter for each: '-' nobody, '=' same, '+' to be linked; for a linked one to be looked at 'a',
-- plus 1 when it has a manager that an empty field would clear, plus 2 for a team.

local prefix, clears_manual = ARGV[1], ARGV[2] == '1'

local function member_at(address)
    return redis.call('HGET', KEYS[3], address) or redis.call('HGET', KEYS[2], address)
end

-- Whose the manager's address is may have changed without a change of the user.
local function has_right_manager(address, manager, source)
    if address == '' then return true end
    local id = member_at(address)
    if id then return id == manager end
    return source ~= 'directory' or manager == ''
end

local function compare_linked(id, digest, manager_address)
    local stored = redis.call('HMGET', prefix .. id, 'digest', 'manager', 'manager_source', 'team',
        'team_source')
    local kept, manager, manager_source, team, team_source = unpack(stored)
    manager = manager or ''
    if kept == digest and has_right_manager(manager_address, manager, manager_source) then return '=' end
    local letter = string.byte('a')
    if manager ~= '' and (clears_manual or manager_source == 'directory') then letter = letter + 1 end
    if (team or '') ~= '' and (clears_manual or team_source == 'directory') then letter = letter + 2 end
    return string.char(letter)
end

local function compare_unlinked(addresses)
    for address in string.gmatch(addresses, '%S+') do
        if redis.call('HEXISTS', KEYS[2], address) == 1 then return '+' end
    end
    return '-'
end

local letters = {}
for i = 3, #ARGV, 4 do
    local id = redis.call('HGET', KEYS[1], ARGV[i])
    letters[#letters + 1] = id and compare_linked(id, ARGV[i + 1], ARGV[i + 3]) or compare_unlinked(ARGV[i + 2])
end
return table.concat(letters)
