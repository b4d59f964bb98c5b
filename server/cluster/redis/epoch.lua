-- Returns the replication id of the primary and the epoch value of a partition, which it makes if there is none.
--
-- KEYS: the partition's epoch.
-- ARGV: a random text.
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. redis.call('TIME')[1], 'NX')
return {string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)'), redis.call('GET', KEYS[1])}
