-- Returns for each channel that a node has subscribed to: the number of its last message, whether older messages were dropped for
-- its limits, and the entries that may have messages after those that the node has. It makes the counters that are missing.
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
local answers, made, first, text, lists = {}, {}, nil, nil, count + 1
for i = 1, count do
  local counter, number, after = KEYS[i + 1], numbers[i + 1], tonumber(ARGV[i + 1])
  if after then lists = lists + 1 end
  if number then
    number = tonumber(number)
    answers[i] = number
    call('PERSIST', counter)
    if after and after < number then
      local entries = call('LRANGE', KEYS[lists], after - number, -1)
      answers[i] = {number, entries[1] == 'x' and 1 or 0, entries}
    end
  else
    if not first then
      first = (call('TIME')[1] - string.match(ARGV[1], '%d+$')) * 131072 + 1
      text = tostring(first)
    end
    answers[i] = first
    made[#made + 1] = counter
    made[#made + 1] = text
  end
end
if first then call('MSET', unpack(made)) end
return answers
