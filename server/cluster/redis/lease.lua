-- Renews a node's lease, ends those that have expired, and returns the nodes and a number whose users have to be swept, if any.
--
-- A lease has a number, which is never given again. A node without a lease gets a new number. The users of a number that has ended
-- are swept by one node after another, until one has finished. Time counts only while nodes renew, so a Redis that was away does not
-- end the leases of all.
--
-- KEYS: the leases (number, end), the ended ones (number, when another node may sweep it), the descriptions, the time of the last
--       renewal, the last number.
-- ARGV: the node's number or "", its id, its description, a number of its own to end, or "", how long a lease lasts, how long a
--       sweep may take, all in milliseconds.
local call = redis.call
local leases, ended, infos, renewed, last = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local ttl, patience = tonumber(ARGV[5]), tonumber(ARGV[6])
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local stood = now - (call('GET', renewed) or now)
if stood > ttl / 2 then
  for _, n in ipairs(call('ZRANGE', leases, 0, -1)) do call('ZINCRBY', leases, stood, n) end
end
call('SET', renewed, now)

-- finish ends a lease.
local function finish(n, from)
  call('ZREM', leases, n)
  call('HDEL', infos, n)
  call('ZADD', ended, from, n)
end

local own, retired = ARGV[1], 0
local old = ARGV[4] ~= '' and call('HGET', infos, ARGV[4])
if old and string.sub(old, 1, #ARGV[2] + 1) == ARGV[2] .. ' ' then
  finish(ARGV[4], now + patience)
  retired = 1
end
if own == '' or not call('ZSCORE', leases, own) then
  own = tostring(call('INCR', last))
end
call('ZADD', leases, now + ttl, own)
call('HSET', infos, own, ARGV[2] .. ' ' .. ARGV[3])
for _, n in ipairs(call('ZRANGEBYSCORE', leases, '-inf', now)) do finish(n, now) end
local sweep = call('ZRANGEBYSCORE', ended, '-inf', now, 'LIMIT', 0, 1)[1]
if sweep then call('ZADD', ended, now + patience, sweep) end
return {own, retired, sweep or '', call('HVALS', infos)}
