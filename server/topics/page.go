package topics

import (
	"slices"
	"strings"
)

// Row is one row of GET /ws/topics.
type Row struct {
	Topic       string `json:"topic"`
	Subscribers int    `json:"subscribers"`
	Seq         uint64 `json:"seq"`
}

// name is the place of a topic in the order of topics.
type name string

// Compare returns the order of two names.
func (n name) Compare(other name) int { return strings.Compare(string(n), string(other)) }

// Key returns the topic's place in the order of topics.
func (t *Topic) Key() name { return name(t.Name) }

// visit calls do with up to limit of the shard's topics whose names are greater than a name, in order. It returns the last
// one's name, and whether there may be more.
func (s *shard) visit(after string, limit int, do func(*Topic)) (last string, more bool) {
	s.Lock()
	defer s.Unlock()
	last = after
	looked := s.order.After(name(after), limit, func(t *Topic) {
		last = t.Name
		limit--
		do(t)
	})
	s.most = max(s.most, looked)
	return last, limit == 0
}

// Page returns up to limit of the topics with subscribers whose names are greater than after, in order. It costs what it
// returns, and passes over the topics without subscribers: a round that has brought little is followed by a larger one.
func (r *Registry) Page(after string, limit int) []Row {
	var page []Row
	share := limit*5/4/shardCount + 8
	for more := true; more && len(page) < limit; {
		var round []Row
		share = min(share, topicsAtOnce)
		round, after, more = r.round(after, share)
		page = append(page, round[:min(len(round), limit-len(page))]...)
		share = share*(limit-len(page))*5/4/max(len(round), 1) + 8
	}
	return page
}

// round returns topics with subscribers whose names are greater than after, in order. It looks at up to share topics of each
// shard. Where a shard may have more, its next one may come right after its last: so rows are returned up to the first of
// these last ones, with which the next round has to begin.
func (r *Registry) round(after string, share int) (rows []Row, end string, more bool) {
	for i := range r.shards {
		last, further := r.shards[i].visit(after, share, func(t *Topic) {
			if t.total > 0 {
				rows = append(rows, Row{t.Name, t.total, t.Channel.Seq()})
			}
		})
		if further && (!more || last < end) {
			end, more = last, true
		}
	}
	slices.SortFunc(rows, func(a, b Row) int { return strings.Compare(a.Topic, b.Topic) })
	if more {
		if beyond := slices.IndexFunc(rows, func(row Row) bool { return row.Topic > end }); beyond >= 0 {
			rows = rows[:beyond]
		}
	}
	return rows, end, more
}
