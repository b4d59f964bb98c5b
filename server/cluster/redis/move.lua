-- Writes into the directory that users are on a node, or not any more.
--
-- An entry has the numbers of the nodes that a user is on, and the user's name: "3,17 alice".
--
-- KEYS: the partition's epoch, the mark of a sweep, its totals (users, entries of users and nodes), and the part of the directory of each
--       user.
-- ARGV: the epoch's value, the node's number, the name of a counter without the user, a text with the sign of each user, and for each
--       user the id, and the entry if this node alone has the user. Signs: + is here, - is not, ? is here, and this may have been written
--       before.
--
-- Returns 1 for each user that has so come to the cluster, or is nowhere in it, otherwise 0; and before them the totals. A user that comes
-- costs one command, and three texts of Lua, which hashes each. A sweep lets the counters of users expire that are nowhere. Those of
-- users that have come since then persist again: the mark of the sweep exists for as long as such a counter may.
local call, sub, byte = redis.call, string.sub, string.byte
local marks = call('MGET', KEYS[1], KEYS[2])
if marks[1] ~= ARGV[1] then
  return redis.error_reply('EPOCH the data are others')
end
local swept, own, totals, signs = marks[2], ARGV[2], KEYS[3], ARGV[4]
local users, entries = 0, 0

-- read returns the entry of a user, its text of numbers, the other nodes' numbers, and whether the node's own is there.
local function read(hash, id)
  local entry = call('HGET', hash, id)
  local numbers = entry and string.match(entry, '^[%d,]*') or ''
  local others, there = {}, false
  for n in string.gmatch(numbers, '%d+') do
    if n == own then there = true else others[#others + 1] = n end
  end
  return entry, numbers, others, there
end

-- come enters the node, and returns 1 if the user has so come to the cluster.
local function come(hash, id, entry, again)
  if call('HSETNX', hash, id, entry) == 1 then
    users, entries = users + 1, entries + 1
    return 1
  end
  local _, _, others, there = read(hash, id)
  if not there then entries = entries + 1 end
  if #others > 0 then entry = table.concat(others, ',') .. ',' .. entry end
  call('HSET', hash, id, entry)
  return #others == 0 and (again or not there) and 1 or 0
end

-- go removes the node, and returns 1 if the user is nowhere any more.
local function go(hash, id)
  local entry, numbers, others, there = read(hash, id)
  if there then entries = entries - 1 end
  if #others > 0 then
    if there then call('HSET', hash, id, table.concat(others, ',') .. sub(entry, #numbers + 1)) end
    return 0
  end
  if entry then
    call('HDEL', hash, id)
    users = users - 1
  end
  return 1
end

local answers = {0, 0}
for i = 1, #signs do
  local sign, hash, id = byte(signs, i), KEYS[i + 3], ARGV[2 * i + 3]
  if sign == 45 then -- "-"
    answers[i + 2] = go(hash, id)
  else
    if swept then call('PERSIST', ARGV[3] .. id) end
    answers[i + 2] = come(hash, id, ARGV[2 * i + 4], sign == 63) -- "?"
  end
end
if users ~= 0 then call('HINCRBY', totals, 'users', users) end
if entries ~= 0 then call('HINCRBY', totals, 'entries', entries) end
local sums = call('HMGET', totals, 'users', 'entries')
answers[1], answers[2] = tonumber(sums[1] or 0), tonumber(sums[2] or 0)
return answers
