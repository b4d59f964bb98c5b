-- Removes a number whose lease has ended from parts of the directory (see move.lua). The counters of the users that are nowhere any
-- more expire.
--
-- KEYS: the partition's epoch, the mark of a sweep, its totals, the parts of the directory.
-- ARGV: the epoch's value, the number, the history's age in seconds, the name of a counter without the user.
--
-- Returns the totals, and the id and the name of each user that is nowhere any more.
local call, sub = redis.call, string.sub
if call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('EPOCH the data are others')
end
local totals, dead, gone = KEYS[3], ARGV[2], {}
local users, entries = 0, 0
for i = 4, #KEYS do
  local all = call('HGETALL', KEYS[i])
  for f = 1, #all, 2 do
    local id, entry = all[f], all[f + 1]
    if string.find(entry, dead, 1, true) then -- mostly not: the rest costs more than the search
      local numbers = string.match(entry, '^[%d,]*')
      local others, there = {}, false
      for n in string.gmatch(numbers, '%d+') do
        if n == dead then there = true else others[#others + 1] = n end
      end
      if there then
        entries = entries + 1
        if #others > 0 then
          call('HSET', KEYS[i], id, table.concat(others, ',') .. sub(entry, #numbers + 1))
        else
          users = users + 1
          call('HDEL', KEYS[i], id)
          call('EXPIRE', ARGV[4] .. id, ARGV[3])
          gone[#gone + 1] = id
          gone[#gone + 1] = sub(entry, #numbers + 2)
        end
      end
    end
  end
end
if users > 0 then
  call('HINCRBY', totals, 'users', -users)
  if tonumber(ARGV[3]) > 0 then call('SET', KEYS[2], '1', 'EX', ARGV[3]) end
end
if entries > 0 then call('HINCRBY', totals, 'entries', -entries) end
local sums = call('HMGET', totals, 'users', 'entries')
return {tonumber(sums[1] or 0), tonumber(sums[2] or 0), gone}
