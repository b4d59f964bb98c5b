-- Writes into the directory that users are on a node, or not any more.
--
-- An entry has the numbers of the nodes that a user is on, and the user's name: "3,17 alice".
--
-- KEYS: the partition's epoch, its totals (users, entries of users and nodes), and the part of the directory and the counter of each
--       user.
-- ARGV: the epoch's value, the node's number, and for each user a sign and the id, and the name. Signs: + is here, - is not, ? is
--       here, and this may have been written before.
--
-- Returns 1 for each user that has so come to the cluster, or is nowhere in it, otherwise 0; and before them the totals.
local call, sub = redis.call, string.sub
if call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('EPOCH the data are others')
end
local own, totals = ARGV[2], KEYS[2]
local answers = {0, 0}
for i = 1, (#ARGV - 2) / 2 do
  local hash, sign, id, name = KEYS[2 * i + 1], sub(ARGV[2 * i + 1], 1, 1), sub(ARGV[2 * i + 1], 2), ARGV[2 * i + 2]
  local entry = call('HGET', hash, id)
  local numbers = entry and string.match(entry, '^[%d,]*') or ''
  local others, there = {}, false
  for n in string.gmatch(numbers, '%d+') do
    if n == own then there = true else others[#others + 1] = n end
  end
  local changed = 0
  if sign ~= '-' then
    call('PERSIST', KEYS[2 * i + 2])
    if not entry then call('HINCRBY', totals, 'users', 1) end
    if not there then call('HINCRBY', totals, 'entries', 1) end
    if #others == 0 and (not there or sign == '?') then changed = 1 end
    others[#others + 1] = own
    call('HSET', hash, id, table.concat(others, ',') .. ' ' .. name)
  else
    if there then call('HINCRBY', totals, 'entries', -1) end
    if #others > 0 then
      if there then call('HSET', hash, id, table.concat(others, ',') .. sub(entry, #numbers + 1)) end
    else
      changed = 1
      if entry then
        call('HDEL', hash, id)
        call('HINCRBY', totals, 'users', -1)
      end
    end
  end
  answers[i + 2] = changed
end
local sums = call('HMGET', totals, 'users', 'entries')
answers[1], answers[2] = tonumber(sums[1] or 0), tonumber(sums[2] or 0)
return answers
