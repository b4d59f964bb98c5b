package redis

import (
	"context"
	"hash/crc32"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/rueidis"

	"momentum/server/cluster"
)

// directoryParts is into how many hashes the directory is divided: with a million users, each is small enough for Redis's compact form.
const directoryParts = 16384

// movesPerCall bounds the moves of one call of the script: a move takes Redis a microsecond or two.
const movesPerCall = 250

// sweepParts is the number of these that one call sweeps.
const sweepParts = 64

// directory is the part of the keeper that records in Redis which users are on which nodes.
type directory struct {
	moves  moves
	sums   []totals     // of each partition; of the keeper's goroutine
	online atomic.Int64 // users
	double atomic.Int64
}

// totals are the figures of a partition.
type totals struct{ users, entries int64 }

// note takes the totals of a partition.
func (d *directory) note(partition, partitions int, t totals) {
	if len(d.sums) != partitions {
		d.sums = make([]totals, partitions)
	}
	d.sums[partition] = t
	var all totals
	for _, one := range d.sums {
		all.users += one.users
		all.entries += one.entries
	}
	d.online.Store(all.users)
	d.double.Store(all.entries - all.users)
}

// directoryKey returns the hash that has a user.
func (n *names) directoryKey(partition int, user uuid.UUID) string {
	parts := uint32(directoryParts / len(n.tags))
	return n.partKey(partition, int(crc32.ChecksumIEEE(user[:])/uint32(len(n.tags))%parts))
}

func (n *names) partKey(partition, part int) string {
	return n.key(partition, "d:"+strconv.Itoa(part))
}

func (n *names) totalsKey(partition int) string { return n.key(partition, "online") }

// counterKey returns the name of a user's counter without the user.
func (n *names) counterKey(partition int) string { return n.key(partition, "s:") }

// directoryKeys returns the keys with which scripts of the directory begin.
func (a *attachment) directoryKeys(partition int) []string {
	return []string{a.epochs[partition].key, a.names.key(partition, "swept"), a.names.totalsKey(partition)}
}

// moveCall makes the call for moves of one partition.
func (a *attachment) moveCall(partition int, number string, list []move) evaluation {
	ep, signs := a.epochs[partition], make([]byte, len(list))
	e := evaluation{&moveScript, a.directoryKeys(partition), []string{ep.value, number, a.names.counterKey(partition), ""}}
	for i, m := range list {
		entry := ""
		switch {
		case m.Here && m.repeated:
			signs[i] = '?'
		case m.Here:
			signs[i] = '+'
		default:
			signs[i] = '-'
		}
		if m.Here {
			entry = number + " " + m.Name
		}
		e.keys = append(e.keys, a.names.directoryKey(partition, m.User))
		e.args = append(e.args, encoding.EncodeToString(m.User[:]), entry)
	}
	e.args[3] = string(signs)
	return e
}

// sendMoves sends some moves to Redis. If a move made a user the first of that user's connections in the cluster, or
// the last to go, the node is told.
func (k *keeper) sendMoves(a *attachment) (more bool) {
	now, waiting := k.options.Now(), k.directory.moves.count()
	if k.later = (time.Time{}); waiting == 0 {
		return false
	}
	if wait := k.pace.wait(now, waiting); wait > 0 {
		k.later = now.Add(wait)
		return false
	}
	list := k.directory.moves.take()
	k.pace.begin(now, len(list))
	byPartition := make(map[int][]move)
	for _, m := range list {
		p := a.names.partition(cluster.DirectOf(m.User))
		byPartition[p] = append(byPartition[p], m)
	}
	for p, some := range byPartition {
		for len(some) > 0 {
			n := min(len(some), movesPerCall)
			if !k.accepts(a, "Redis refuses users", k.makeMoves(a, p, some[:n])) {
				byPartition[p] = some
				k.restoreMoves(byPartition)
				return false
			}
			some = some[n:]
		}
		delete(byPartition, p)
	}
	return len(list) > 0
}

func (k *keeper) restoreMoves(byPartition map[int][]move) {
	for _, some := range byPartition {
		k.directory.moves.restore(some)
	}
}

// makeMoves makes moves of one partition.
func (k *keeper) makeMoves(a *attachment, partition int, list []move) error {
	r := evaluate(a.owner[partition].client, []evaluation{a.moveCall(partition, k.lease.number, list)})[0]
	answers, err := r.AsIntSlice()
	if err == nil && len(answers) != len(list)+2 {
		err = errLease
	}
	if err != nil {
		return err
	}
	k.directory.note(partition, len(a.epochs), totals{answers[0], answers[1]})
	told := make([]cluster.Move, 0, len(list))
	for i, m := range list {
		if answers[i+2] == 1 && !m.silent {
			told = append(told, m.Move)
		}
	}
	k.reportMoved(told)
	return nil
}

func (k *keeper) reportMoved(list []cluster.Move) {
	if len(list) > 0 {
		k.call(func(n cluster.Node) { n.Moved(list) })
	}
}

// sweep is the removal of a number from the directory, in steps.
type sweep struct {
	number string // "": there is none
	next   int    // part, counted over all partitions
}

// sweepSome makes some steps of the sweep, and returns whether there may be more.
func (k *keeper) sweepSome(a *attachment) (more bool) {
	w := &k.sweep
	if w.number == "" {
		if w.number, w.next = k.directory.moves.nextRetired(), 0; w.number == "" {
			return false
		}
	}
	for range sweepParts / 4 {
		if w.next >= directoryParts/len(a.names.tags)*len(a.names.tags) {
			client := a.owner[0].client
			zrem := client.B().Zrem().Key(a.names.leaseKeys()[1]).Member(w.number).Build()
			k.accepts(a, "Redis refuses the end of a sweep", client.Do(context.Background(), zrem).Error())
			w.number = ""
			return true
		}
		if !k.accepts(a, "Redis refuses a sweep", k.sweepParts(a)) {
			w.number = ""
			return false
		}
		w.next += sweepParts
	}
	return true
}

// sweepParts sweeps some parts of one partition.
func (k *keeper) sweepParts(a *attachment) error {
	each := directoryParts / len(a.names.tags)
	p, first := k.sweep.next/each, k.sweep.next%each
	ep := a.epochs[p]
	e := evaluation{&sweepScript, a.directoryKeys(p), []string{
		ep.value, k.sweep.number, strconv.Itoa(int(k.options.History.Age.Seconds())), a.names.counterKey(p),
	}}
	for part := first; part < min(first+sweepParts, each); part++ {
		e.keys = append(e.keys, a.names.partKey(p, part))
	}
	sums, gone, err := readSweep(evaluate(a.owner[p].client, []evaluation{e})[0])
	if err != nil {
		return err
	}
	k.directory.note(p, len(a.epochs), sums)
	k.reportMoved(gone)
	return nil
}

// readSweep reads the answer of the script.
func readSweep(r rueidis.RedisResult) (sums totals, gone []cluster.Move, err error) {
	list, err := r.ToArray()
	if err != nil {
		return sums, nil, err
	}
	if len(list) != 3 {
		return sums, nil, errLease
	}
	if sums.users, err = list[0].AsInt64(); err != nil {
		return sums, nil, err
	}
	if sums.entries, err = list[1].AsInt64(); err != nil {
		return sums, nil, err
	}
	pairs, err := list[2].AsStrSlice()
	for ; len(pairs) > 1; pairs = pairs[2:] {
		m := cluster.Move{Name: pairs[1]}
		if _, bad := encoding.Decode(m.User[:], []byte(pairs[0])); bad == nil && len(pairs[0]) == 22 {
			gone = append(gone, m)
		}
	}
	return sums, gone, err
}

// readTotals reads the totals of all partitions: other nodes have changed them.
func (k *keeper) readTotals(a *attachment) error {
	for p := range a.epochs {
		client := a.owner[p].client
		both, err := client.Do(context.Background(), client.B().Hmget().Key(a.names.totalsKey(p)).Field("users", "entries").Build()).ToArray()
		if err != nil || len(both) != 2 {
			return err
		}
		users, _ := both[0].AsInt64() // nil: 0
		entries, _ := both[1].AsInt64()
		k.directory.note(p, len(a.epochs), totals{users, entries})
	}
	return nil
}
