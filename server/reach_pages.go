package server

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// mergePages merges the pages of several nodes into one of at most limit rows. If a node has more rows than its page, rows after the
// page's last one are not known yet. So the merged page ends with the first of these last rows. Where rows of several nodes compare as
// equal, join adds one to the other.
func mergePages[R any](pages []page[R], limit int, compare func(a, b R) int, join func(into *R, other R)) (all page[R]) {
	for _, p := range pages {
		all.Total += p.Total
		all.Rows = append(all.Rows, p.Rows...)
	}
	slices.SortStableFunc(all.Rows, compare)
	for _, p := range pages {
		if p.More && len(p.Rows) > 0 {
			all.More = true
			last := p.Rows[len(p.Rows)-1]
			all.Rows = slices.DeleteFunc(all.Rows, func(r R) bool { return compare(r, last) > 0 })
		}
	}
	n := 0
	for _, r := range all.Rows {
		if n > 0 && compare(all.Rows[n-1], r) == 0 {
			join(&all.Rows[n-1], r)
			continue
		}
		all.Rows[n] = r
		n++
	}
	all.Rows = all.Rows[:n]
	if n > limit {
		all.Rows, all.More = all.Rows[:limit], true
	}
	return all
}

// Page is a page of users online, or of topics.
type Page[R any] struct {
	Partial
	Count int // of all users, or of all subscriptions
	Rows  []R
	More  bool // there are rows after these
}

// Online returns users online, each once, ordered by their ids, after the given one (the zero UUID: from the first). In a cluster a
// page may have fewer rows than the limit although more pages follow.
func (r Reach) Online(ctx context.Context, after uuid.UUID, limit int) (Page[OnlineUser], error) {
	p, err := pages(ctx, r, "online", pageQuestion{after.String(), limit},
		func(a, b OnlineUser) int { return bytes.Compare(a.UserID[:], b.UserID[:]) },
		func(into *OnlineUser, other OnlineUser) {
			if other.ConnectedAt.Before(into.ConnectedAt) {
				into.ConnectedAt = other.ConnectedAt
			}
		})
	if p.Count -= r.doubles(); after == uuid.Nil && !p.More {
		p.Count = len(p.Rows)
	}
	return p, err
}

// survey is Online for this node's clients.
func (r Reach) survey(ctx context.Context, after uuid.UUID, limit int) surveyed {
	p, err := r.Online(ctx, after, limit)
	return surveyed{p.Rows, p.Count, p.More, p.Partial.Partial || err != nil}
}

// Topics returns the topics that have subscribers, ordered by name, after the given one.
func (r Reach) Topics(ctx context.Context, after string, limit int) (Page[TopicRow], error) {
	return pages(ctx, r, "topics", pageQuestion{after, limit},
		func(a, b TopicRow) int { return strings.Compare(a.Topic, b.Topic) },
		func(into *TopicRow, other TopicRow) {
			into.Subscribers += other.Subscribers
			into.Seq = max(into.Seq, other.Seq)
		})
}

func pages[R any](ctx context.Context, r Reach, kind string, q pageQuestion, compare func(a, b R) int, join func(*R, R)) (Page[R], error) {
	if !r.alone {
		q.Limit = min(q.Limit, maxRows)
	}
	found, missed, err := everywhere[page[R]](ctx, r, kind, q)
	all := mergePages(found, q.Limit, compare, join)
	return Page[R]{missed, all.Total, all.Rows, all.More}, err
}
