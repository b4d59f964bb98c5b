package redis

import (
	"fmt"
	"sync"
	"time"

	"momentum/server/cluster"
)

// attachment is a connection with all primaries. If the connection with one primary fails, the whole attachment ends. The next
// attachment asks again where the primaries are and which epochs they have.
type attachment struct {
	generation uint64
	dialer     dialer
	scout      dialer // finds the primaries; its connections may end
	topology   *topology
	names      *names
	links      []*link
	owner      []*link  // of each partition
	epochs     []*epoch // of each partition
	faults     faults   // refusals of channels

	once  sync.Once
	err   error // why it ended
	ended chan struct{}
}

func newAttachment(generation uint64, d *dialer) *attachment {
	a := &attachment{generation: generation, ended: make(chan struct{})}
	a.dialer.target, a.dialer.tls, a.dialer.name, a.dialer.lost, a.dialer.supervised = d.target, d.tls, d.name, a.end, true
	a.scout.target, a.scout.tls, a.scout.name, a.scout.lost = d.target, d.tls, d.name, func(error) {}
	return a
}

// end ends an attachment for a reason. All calls that wait for an answer fail.
func (a *attachment) end(why error) {
	a.once.Do(func() {
		a.err = why
		close(a.ended)
		a.dialer.cut()
		a.scout.cut()
	})
}

// close ends an attachment and its goroutines.
func (a *attachment) close() {
	a.end(errOver)
	for _, l := range a.links {
		l.close()
	}
}

// open connects to all primaries of a topology, and reads the epochs.
func (a *attachment) open(t *topology, prefix, node, random string) error {
	a.topology, a.names = t, &names{prefix: prefix, tags: t.tags}
	a.owner, a.epochs = make([]*link, len(t.tags)), make([]*epoch, len(t.tags))
	for _, p := range t.places {
		l, err := a.dialer.open(p.address)
		if err != nil {
			return fmt.Errorf("%s: %w", p.address, err)
		}
		a.links = append(a.links, l)
		l.partition = p.partitions[0]
		l.canaryChannel = a.names.key(l.partition, "n:"+node)
		l.own = []string{l.canaryChannel}
		if l.partition == 0 {
			l.own = append(l.own, a.names.noteChannel(""), a.names.noteChannel(cluster.NodeID(node)))
		}
		for _, partition := range p.partitions {
			a.owner[partition] = l
		}
		if err := a.prepare(l, p, random); err != nil {
			return fmt.Errorf("%s: %w", p.address, err)
		}
	}
	return nil
}

// prepare loads the scripts into a primary and reads its epochs. The address may be that of another server by now, so the server is
// checked again.
func (a *attachment) prepare(l *link, p place, random string) error {
	s, err := ask(l.client)
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return err
	}
	if err := l.load(); err != nil {
		return err
	}
	return a.readEpochs(l, p.partitions, random)
}

// readEpochs reads the epochs of a primary's partitions, and makes those that are missing.
func (a *attachment) readEpochs(l *link, partitions []int, random string) error {
	calls := make([]evaluation, len(partitions))
	for i, partition := range partitions {
		calls[i] = evaluation{&epochScript, []string{a.names.key(partition, "e")}, []string{random}}
	}
	for i, r := range evaluate(l.client, calls) {
		both, err := r.AsStrSlice()
		if err == nil && len(both) != 2 {
			err = errNoReplica
		}
		if err == nil {
			a.epochs[partitions[i]], err = newEpoch(calls[i].keys[0], both[0], both[1])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// proven returns whether all links work, and for how long the latest canary has no answer.
func (a *attachment) proven(now time.Time) (ok bool, late time.Duration) {
	ok = true
	for _, l := range a.links {
		works, waits := l.canary.proven(now)
		ok, late = ok && works, max(late, waits)
	}
	return ok, late
}

// ids returns the epochs of the partitions.
func (a *attachment) ids() []cluster.Epoch {
	ids := make([]cluster.Epoch, len(a.epochs))
	for i, e := range a.epochs {
		ids[i] = e.id
	}
	return ids
}
