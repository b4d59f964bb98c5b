-- Publishes the messages of one call: counts each, keeps it, and sends it to the nodes that have its channel.
--
-- KEYS: the partition's epoch, the record of the call, and for each operation its counter, list and channel, and the receipt if
--       it has one.
-- ARGV: the epoch's value, the call's number ("0": no record), "" or "check" or "look" for a call that may have been executed,
--       the replication id or "", the history's age in seconds, its limits (messages and bytes of a channel, then of the
--       broadcast), and for each operation its specification and its payload.
--
-- A specification is the kind (b: broadcast, d: direct message or topic, n: canary; B and D: with a receipt) and the number of
-- messages. The answer has "number receivers stored" for each operation. The number is that of its last message, and 0 if the
-- channel has none.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('EPOCH the data are others')
end
if ARGV[3] ~= '' then
  local record = redis.call('GET', KEYS[2])
  local number, answer = string.match(record or '', '^(%d+) (.*)$')
  if number == ARGV[2] then return answer end
  if ARGV[3] == 'look' then return '' end
end
if ARGV[4] ~= '' then
  local id = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  if id ~= ARGV[4] then return redis.error_reply('EPOCH the primary is another') end
end

local age = tonumber(ARGV[5])

-- create makes a counter that is gone, at a number that this epoch has never had.
local function create(counter, list, count)
  local made = tonumber(string.match(ARGV[1], '%d+$'))
  local number = (redis.call('TIME')[1] - made) * 1024 + 1 + count
  redis.call('SET', counter, number)
  redis.call('DEL', list)
  return number
end

-- trim drops the oldest entries above the limits, and marks that it did with an entry "x" at the head.
local function trim(list, entries, number, messages, bytes)
  local head = redis.call('LINDEX', list, 0)
  if head == 'x' then head = redis.call('LINDEX', list, 1) end
  local kept = number - string.match(head, '^%d+') + 1
  local drop = 0
  if kept > messages then drop = math.floor(entries * (kept - messages) / kept) end
  local marked = false
  while true do
    local size = redis.call('MEMORY', 'USAGE', list, 'SAMPLES', 0)
    if size > bytes then drop = math.max(drop, math.ceil(entries * (size - bytes * 0.875) / size)) end
    drop = math.min(drop, entries - 1) -- the last one stays
    if drop <= 0 then break end
    redis.call('LTRIM', list, drop, -1)
    marked, entries, drop = true, entries - drop, 0
  end
  if marked then redis.call('LPUSH', list, 'x') end
end

local answers, k, a = {}, 3, 10
for i = 1, #ARGV / 2 - 4.5 do
  local counter, list, channel = KEYS[k], KEYS[k + 1], KEYS[k + 2]
  local kind, count, payload = string.byte(ARGV[a]), tonumber(string.sub(ARGV[a], 2)), ARGV[a + 1]
  k, a = k + 3, a + 2
  local receipt, before
  if kind < 97 then
    kind, receipt, k = kind + 32, KEYS[k], k + 1
    before = redis.call('GET', receipt)
  end
  if before then
    answers[i] = before
  else
    local number = redis.call('INCRBY', counter, count)
    if number == count then -- there was no counter
      if kind ~= 100 or redis.call('PUBSUB', 'SHARDNUMSUB', channel)[2] > 0 then
        number = create(counter, list, count)
      else
        redis.call('DEL', counter)
        number = 0
      end
    end
    if number == 0 then
      answers[i] = '0 0 0'
    else
      payload = (number - count + 1) .. ':' .. payload
      local stored = 0
      if kind == 110 then
        redis.call('EXPIRE', counter, 60)
      elseif age > 0 then
        stored = 1
        local messages, bytes = ARGV[6], ARGV[7]
        if kind == 98 then messages, bytes = ARGV[8], ARGV[9] end
        local entries = redis.call('RPUSH', list, payload)
        redis.call('EXPIRE', list, age)
        if entries % 16 == 0 or count > 1 and count * 16 > tonumber(messages) or #payload * 16 > tonumber(bytes) then
          trim(list, entries, number, tonumber(messages), tonumber(bytes))
        end
      end
      local receivers = redis.call('SPUBLISH', channel, payload)
      if receivers == 0 and kind == 100 then redis.call('EXPIRE', counter, age, 'XX') end
      if receipt and age > 0 then redis.call('SET', receipt, number .. ' 0 ' .. stored, 'EX', age) end
      answers[i] = number .. ' ' .. receivers .. ' ' .. stored
    end
  end
end
local answer = table.concat(answers, ' ')
if ARGV[2] ~= '0' then redis.call('SET', KEYS[2], ARGV[2] .. ' ' .. answer, 'EX', 600) end
return answer
