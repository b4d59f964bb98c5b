package server

import (
	"sync"
	"time"

	"momentum/server/ends"
)

// endSearch asks every reactor for ends, and collects the answers.
type endSearch struct {
	filter  ends.Filter
	after   EndPlace
	node    string    // its name
	started time.Time // when it did
	waiting sync.WaitGroup
	found   [][]ends.End // by reactor, with the capacity for a page
	counts  []int        // by reactor: how many the filter selects
}

// on finds the ends of one reactor.
func (q *endSearch) on(b *base) {
	i := b.reactor.Index()
	q.found[i], q.counts[i] = b.ends.Find(&q.filter, q.onPage, q.found[i])
	q.waiting.Done()
}

// onPage reports whether an end comes after the place at which the page begins.
func (q *endSearch) onPage(e *ends.End) bool { return q.placeOf(e).Compare(q.after) > 0 }

func (q *endSearch) placeOf(e *ends.End) EndPlace {
	return EndPlace{q.timeOf(e), q.node, e.Reactor, e.Kind(), e.Number}
}

// timeOf returns the time of an end in UTC.
func (q *endSearch) timeOf(e *ends.End) time.Time { return q.started.Add(e.At).UTC() }
