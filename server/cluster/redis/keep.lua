-- Keeps a notice, and drops those that have ended or that it makes void.
--
-- KEYS: the notices (text, end in seconds since 1970).
-- ARGV: the text, its end or "inf", the most notices, the texts that it makes void.
local call = redis.call
call('ZREMRANGEBYSCORE', KEYS[1], '-inf', call('TIME')[1] - 60)
for i = 4, #ARGV do
  call('ZREM', KEYS[1], ARGV[i])
end
if call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) and not call('ZSCORE', KEYS[1], ARGV[1]) then
  return redis.error_reply('FULL too many notices are kept')
end
call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
return 1
