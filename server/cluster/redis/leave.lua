-- Lets the counters of channels expire that no node has any more.
--
-- KEYS: the counter and the channel of each.
-- ARGV: the history's age in seconds.
for i = 1, #KEYS, 2 do
  if redis.call('PUBSUB', 'SHARDNUMSUB', KEYS[i + 1])[2] == 0 then
    redis.call('EXPIRE', KEYS[i], ARGV[1])
  end
end
return #KEYS / 2
