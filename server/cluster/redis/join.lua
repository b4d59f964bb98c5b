-- Returns for each channel that a node has subscribed to the number of its last message and, if ARGV has a number for it, how many entries may
-- have messages after that, and these entries. It makes the counters that are missing.
--
-- KEYS: the partition's epoch, the counter of each channel, and then the list of each channel for which ARGV has a number.
-- ARGV: the epoch's value, and for each channel the number of the last message that the node has, or "" for no messages.
--
-- Most channels of a storm are new: they cost a share of three commands. A list that has outlived its
-- counter stays: the new counter is higher than its numbers, so a node sees the hole.
local call = redis.call
local count = #ARGV - 1
local numbers = call('MGET', unpack(KEYS, 1, count + 1))
if numbers[1] ~= ARGV[1] then
  return redis.error_reply('EPOCH the data are others')
end
local answers, n, made, first, text, lists = {}, 0, {}, nil, nil, count + 1

-- addMissed adds the number of entries that may have messages from after the one number to the other, and these.
local function addMissed(list, after, number)
  local at = n + 1
  n = at
  if after + 1 == number then
    local last = call('LINDEX', list, -1)
    if last then
      n = n + 1
      answers[n] = last
    end
  elseif after < number then
    local entries = call('LRANGE', list, after - number, -1)
    for i = 1, #entries do answers[at + i] = entries[i] end
    n = at + #entries
  end
  answers[at] = n - at
end

for i = 1, count do
  local counter, number, after = KEYS[i + 1], tonumber(numbers[i + 1]), tonumber(ARGV[i + 1])
  if number then
    call('PERSIST', counter)
  else
    if not first then
      first = (call('TIME')[1] - string.match(ARGV[1], '%d+$')) * 131072 + 1
      text = tostring(first)
    end
    made[#made + 1] = counter
    made[#made + 1] = text
  end
  n = n + 1
  answers[n] = number or first
  if after then
    lists = lists + 1
    addMissed(KEYS[lists], number and after or first, answers[n])
  end
end
if first then call('MSET', unpack(made)) end
return answers
