-- Forgets the workers that are gone: they hold no job, and nothing was heard of them for so long.
-- KEYS: jobs. ARGV: that time in ms.
for _, worker in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], 'workers')) do
    local is = {}
    for i = 1, #worker, 2 do is[worker[i]] = worker[i + 1] end
    if is.pending == 0 and is.idle > tonumber(ARGV[1]) then
        redis.call('XGROUP', 'DELCONSUMER', KEYS[1], 'workers', is.name)
    end
end
return 1
