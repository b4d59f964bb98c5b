package sim

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"momentum/server/cluster"
	"momentum/server/cluster/clustertest"
)

// truth has the messages that the bus of a fleet has numbered.
type truth struct {
	list map[cluster.Channel][]*posted // that are not lost, in the order of their numbers
	byID map[string][]*posted          // those that are lost too
}

// posted is a message that got a number.
type posted struct {
	channel cluster.Channel
	seq     uint64
	but     uuid.UUID
	id      string
	lost    bool // a replica had not got it
}

func (t *truth) watch(e *clustertest.Engine) {
	t.list, t.byID = map[cluster.Channel][]*posted{}, map[string][]*posted{}
	e.Published, e.Lost = t.add, t.lose
}

func (t *truth) add(d cluster.Delivery) {
	_, rest, _ := bytes.Cut(d.JSON, []byte(`"id":"`))
	id, _, _ := bytes.Cut(rest, []byte(`"`))
	p := &posted{channel: d.Channel, seq: d.Seq, but: d.But, id: string(id)}
	t.list[p.channel] = append(t.list[p.channel], p)
	t.byID[p.id] = append(t.byID[p.id], p)
}

func (t *truth) lose(d cluster.Delivery) {
	t.list[d.Channel] = slices.DeleteFunc(t.list[d.Channel], func(p *posted) bool {
		p.lost = p.lost || p.seq == d.Seq
		return p.lost
	})
}

// has reports whether a message was given a number.
func (t *truth) has(id string, seq uint64) bool {
	return slices.ContainsFunc(t.byID[id], func(p *posted) bool { return p.seq == seq })
}

// copies counts how often a message has a number that is not lost.
func (t *truth) copies(id string) (n int) {
	for _, p := range t.byID[id] {
		if !p.lost {
			n++
		}
	}
	return n
}

// due returns the numbers above a floor that a user's clients must have had, except for those in gaps.
func (t *truth) due(c cluster.Channel, user uuid.UUID, floor uint64, gaps []span) (list []uint64) {
	for _, p := range t.list[c] {
		in := func(g span) bool { return g.from <= p.seq && p.seq <= g.to }
		if p.seq > floor && p.but != user && !slices.ContainsFunc(gaps, in) {
			list = append(list, p.seq)
		}
	}
	return list
}

// span is a gap: numbers that will not come.
type span struct{ from, to uint64 }

// utteranceID names a message: its client, the client's connection, and its number among the client's messages.
func utteranceID(rider, session, number int) string {
	return fmt.Sprintf("r%d.%d.%d", rider, session, number)
}

func parseUtterance(id string) (rider, session, number int, ok bool) {
	n, _ := fmt.Sscanf(id, "r%d.%d.%d", &rider, &session, &number)
	return rider, session, number, n == 3
}

// gone reports whether a number of a message was lost.
func (t *truth) gone(id string) bool {
	return slices.ContainsFunc(t.byID[id], func(p *posted) bool { return p.lost })
}

// epochOf returns the present epoch of a place, as clients see it: that of the broadcast and of a user's channel are one.
func (f *fleet) epochOf(p *progress) string {
	e := f.engine.Epoch().String()
	if p.name == "" {
		e += e
	}
	return e
}
