package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/rueidis"
)

// Inspection is what Inspect has found.
type Inspection struct {
	Version  string   // of the first primary
	Warnings []string // settings of Redis that an operator should know
}

// Inspect connects to Redis as a bus does, and returns an error if a bus could not work: Redis cannot be reached, is too old or a replica, or
// the user lacks rights, which the error names. It leaves nothing in Redis.
func Inspect(url, prefix string) (Inspection, error) {
	var found Inspection
	t, err := parseURL(url)
	if err != nil {
		return found, err
	}
	secure, err := t.tls()
	if err != nil {
		return found, err
	}
	d := &dialer{target: &t, tls: secure, lost: func(error) {}}
	defer d.cut()
	places, err := d.resolve()
	if err != nil {
		return found, err
	}
	for _, p := range places.places {
		n := names{prefix: prefix, tags: places.tags}
		if err := found.inspect(d, p, &n); err != nil {
			return found, fmt.Errorf("%s: %w", p.address, err)
		}
	}
	return found, nil
}

// inspect inspects one primary.
func (i *Inspection) inspect(d *dialer, p place, n *names) error {
	l, err := d.open(p.address)
	if err != nil {
		return err
	}
	defer l.close()
	s, err := ask(l.client)
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return err
	}
	if i.Version == "" {
		i.Version = s.version
	}
	if w := s.warning(); w != "" {
		i.Warnings = append(i.Warnings, w)
	}
	l.canaryChannel = n.key(p.partitions[0], "check:channel")
	l.own = []string{l.canaryChannel}
	return l.tryRights(n, n.key(p.partitions[0], "check"))
}

// tried are the commands of a bus, with @ for a key, * for a list, % for a sorted set, $ for a hash, and # for a channel. Together they
// leave nothing.
var tried = []string{
	"MSET @ 1", "SET @ 1 EX 10", "GET @", "MGET @", "INCR @", "INCRBY @ 1", "PERSIST @", "EXPIRE @ 10",
	"RPUSH * a", "LPUSH * b", "LRANGE * 0 -1", "LINDEX * 0", "LTRIM * 0 0", "MEMORY USAGE * SAMPLES 0", "EXPIRE * 10", "DEL @", "DEL *",
	"ZADD % 1 a", "ZSCORE % a", "ZRANGE % 0 -1", "ZRANGEBYSCORE % 0 1", "ZINCRBY % 1 a", "ZCARD %", "ZREMRANGEBYSCORE % 0 0", "ZREM % a", "DEL %",
	"HSET $ a 1", "HSETNX $ b 1", "HGET $ a", "HVALS $", "HMGET $ a", "HGETALL $", "HINCRBY $ a 1", "HDEL $ a", "DEL $",
	"TIME", "INFO replication", "PUBSUB SHARDNUMSUB #", "SPUBLISH # a", "PING", "EVAL return{} 0",
	"EVALSHA 0000000000000000000000000000000000000000 0",
}

// tryRights calls each command of a bus, and returns an error that names the rights which the user lacks.
func (l *link) tryRights(n *names, key string) error {
	fill := strings.NewReplacer("@", key, "*", key+":list", "%", key+":set", "$", key+":hash", "#", l.canaryChannel)
	var lacking []string
	try := func(line string, err error) error {
		right, missing := rightOf(line, err, n.prefix)
		switch {
		case missing:
			lacking = append(lacking, right)
		case isFatal(err) && !rueidis.IsRedisNil(err):
			return err
		}
		return nil
	}
	for _, line := range tried {
		words := strings.Fields(fill.Replace(line))
		if err := try(line, l.client.Do(context.Background(), l.client.B().Arbitrary(words...).Build()).Error()); err != nil {
			return err
		}
	}
	err := errors.Join(
		try("SCRIPT LOAD", l.load()), try("SSUBSCRIBE", l.subscribe(ignore, func(string) {}, func() {})),
		try("SUNSUBSCRIBE", l.subscription.Do(context.Background(), l.subscription.B().Sunsubscribe().Channel(l.canaryChannel).Build()).Error()))
	if err != nil || len(lacking) == 0 {
		return err
	}
	slices.Sort(lacking)
	return fmt.Errorf("the user lacks rights: ACL SETUSER … %s", strings.Join(slices.Compact(lacking), " "))
}

func ignore(string, string) {}

// rightOf returns the right that a command lacks, if an error says so: the keys, the channels, or the command itself.
func rightOf(line string, err error, prefix string) (right string, missing bool) {
	refused, ok := rueidis.IsRedisErr(err)
	if !ok || !strings.HasPrefix(refused.Error(), "NOPERM") {
		return "", false
	}
	words := strings.Fields(strings.ToLower(line))
	switch text := refused.Error(); {
	case strings.Contains(text, "key"):
		return "~" + prefix + ":*", true
	case strings.Contains(text, "channel"):
		return "&" + prefix + ":*", true
	case words[0] == "memory" || words[0] == "pubsub" || words[0] == "script":
		return "+" + words[0] + "|" + words[1], true
	}
	return "+" + words[0], true
}
