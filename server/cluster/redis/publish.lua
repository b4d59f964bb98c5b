-- Publishes the messages of one call: counts each, keeps it, and sends it to the nodes that have its channel.
--
-- KEYS: the partition's epoch, the record of the call, and for each operation its counter, list and channel, and the receipts of
--       which its own is one, if it has one.
-- ARGV: the epoch's value, the call's number ("0": no record), "" or "check" or "look" for a call that may have been executed,
--       the replication id or "", the history's age in seconds, its limits (messages and bytes of a channel, then of the
--       broadcast), and for each operation its specification and its payload.
--
-- A specification is the kind (b: broadcast, d: direct message or topic, n: canary) and the number of messages, or the kind (B or D)
-- and the name of the receipt. The answer has "number receivers stored" for each operation. The number is that of its last message, and 0 if the
-- channel has none.
local call, byte, sub = redis.call, string.byte, string.sub

if call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('EPOCH the data are others')
end
if ARGV[3] ~= '' then
  local record = call('GET', KEYS[2])
  local number, answer = string.match(record or '', '^(%d+) (.*)$')
  if number == ARGV[2] then return answer end
  if ARGV[3] == 'look' then return '' end
end
if ARGV[4] ~= '' then
  local id = string.match(call('INFO', 'replication'), 'master_replid:(%w+)')
  if id ~= ARGV[4] then return redis.error_reply('EPOCH the primary is another') end
end

-- Numbers stay texts where they can: Redis takes 0.2 µs to write a number of Lua.
local age, keeps = ARGV[5], ARGV[5] ~= '0'

-- create makes a counter that is gone, at a number that this epoch has never had: a channel has fewer than 131,072 messages a second. Lua
-- writes whole numbers below 10^14, which are 24 years of that.
local function create(counter, list, count)
  local made = tonumber(string.match(ARGV[1], '%d+$'))
  local number = (call('TIME')[1] - made) * 131072 + 1 + count
  call('SET', counter, number)
  call('DEL', list)
  return number
end

-- trim drops the oldest entries above the limits, and marks that it did with an entry "x" at the head.
local function trim(list, entries, number, messages, bytes)
  local head = call('LINDEX', list, 0)
  if head == 'x' then head = call('LINDEX', list, 1) end
  local kept = number - string.match(head, '^%d+') + 1
  local drop = 0
  if kept > messages then
    drop = math.floor(entries * (kept - messages) / kept)
    -- Entries have different numbers of messages: the first one that stays must not be too late.
    while drop > 0 and string.match(call('LINDEX', list, drop), '^%d+') - number + messages > 1 do drop = math.floor(drop / 2) end
  end
  local marked = false
  while true do
    local size = call('MEMORY', 'USAGE', list, 'SAMPLES', 0)
    if size > bytes then drop = math.max(drop, math.ceil(entries * (size - bytes * 0.875) / size)) end
    drop = math.min(drop, entries - 1) -- the last one stays
    if drop <= 0 then break end
    call('LTRIM', list, drop, -1)
    marked, entries, drop = true, entries - drop, 0
  end
  if marked then call('LPUSH', list, 'x') end
end

-- keep appends the payload to the list.
local function keep(kind, list, payload, number, count)
  local entries = call('RPUSH', list, payload)
  call('EXPIRE', list, age)
  local at = kind == 98 and 8 or 6
  local messages, bytes = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  if entries % 16 == 0 or count > 1 and count * 16 > messages or #payload * 16 > bytes then
    trim(list, entries, number, messages, bytes)
  end
end

-- answer is the text for an operation. Most channels are on one node.
local function answer(number, receivers, stored)
  if receivers == 1 then return number .. (stored and ' 1 1' or ' 1 0') end
  return number .. ' ' .. receivers .. (stored and ' 1' or ' 0')
end

-- publish numbers, keeps and sends a payload.
local function publish(kind, counter, list, channel, size, payload)
  local number, count = call('INCRBY', counter, size), 1
  if size ~= '1' then count = tonumber(size) end
  if number == count then -- there was no counter
    if kind == 100 and call('PUBSUB', 'SHARDNUMSUB', channel)[2] == 0 then
      call('DEL', counter)
      return '0 0 0'
    end
    number = create(counter, list, count)
  end
  local last = tostring(number)
  if count == 1 then
    payload = last .. ':' .. payload
  else
    payload = (number - count + 1) .. ':' .. payload
  end
  if kind == 110 then
    call('EXPIRE', counter, '60')
    return answer(last, call('SPUBLISH', channel, payload), false)
  end
  if keeps then keep(kind, list, payload, number, count) end
  local receivers = call('SPUBLISH', channel, payload)
  if receivers == 0 and kind == 100 then call('EXPIRE', counter, age, 'XX') end
  return answer(last, receivers, keeps)
end

-- once publishes a payload unless its receipt is there. A channel without a number gives no receipt. Receipts are texts like
-- "NAME 1025 2 1;" one after another. If they take too much, the older half goes, so a sender fills Redis with no more than 16 of them.
local function once(receipts, name, kind, ...)
  local all = call('GET', receipts) or ''
  local at = string.find(all, name, 1, true)
  if at then return string.match(all, '^[^;]*', at + #name + 1) end
  local result = publish(kind, ...)
  if keeps and byte(result) ~= 48 then -- "0"
    local room = math.min(math.max(2048, 20 * ARGV[6]), 16384)
    if #all > room then all = sub(all, string.find(all, ';', #all - room / 2, true) + 1) end
    call('SET', receipts, all .. name .. ' ' .. result .. ';', 'EX', age)
  end
  return result
end

local answers, k, a = {}, 3, 10
for i = 1, (#ARGV - 9) / 2 do
  local what = ARGV[a]
  local kind, size = byte(what), sub(what, 2)
  if kind < 97 then
    answers[i] = once(KEYS[k + 3], size, kind + 32, KEYS[k], KEYS[k + 1], KEYS[k + 2], '1', ARGV[a + 1])
    k = k + 1
  else
    answers[i] = publish(kind, KEYS[k], KEYS[k + 1], KEYS[k + 2], size, ARGV[a + 1])
  end
  k, a = k + 3, a + 2
end
local all = table.concat(answers, ' ')
if ARGV[2] ~= '0' then call('SET', KEYS[2], ARGV[2] .. ' ' .. all, 'EX', '600') end
return all
