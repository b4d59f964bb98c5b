-- Returns for each channel that a node has subscribed to: the number of its last message, whether older messages were dropped for
-- its limits, and the entries that may have messages after those that the node has. It makes a counter that is missing.
--
-- KEYS: the partition's epoch, and the counter and the list of each channel.
-- ARGV: the epoch's value, and for each channel the number of the last message that the node has, or "" for no messages.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('EPOCH the data are others')
end
local answers = {}
for i = 1, #ARGV - 1 do
  local counter, list, after = KEYS[2 * i], KEYS[2 * i + 1], tonumber(ARGV[i + 1])
  local number = tonumber(redis.call('GET', counter) or 0)
  if number == 0 then
    local made = tonumber(string.match(ARGV[1], '%d+$'))
    number = (redis.call('TIME')[1] - made) * 1024 + 1
    redis.call('SET', counter, number)
    redis.call('DEL', list)
    answers[i] = number
  else
    redis.call('PERSIST', counter)
    answers[i] = number
    if after and after < number then
      local entries = redis.call('LRANGE', list, after - number, -1)
      local bounded = redis.call('LINDEX', list, 0) == 'x'
      answers[i] = {number, bounded and 1 or 0, entries}
    end
  end
end
return answers
