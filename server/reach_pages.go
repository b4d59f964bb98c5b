package server

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// mostRows bounds the rows that a node sends another in one answer: at most 256 KiB.
const mostRows = 2000

// page is a part of a sorted list. More means that the list goes on.
type page[R any] struct {
	Total int  `json:"total"` // of the whole list, or of what it counts
	Rows  []R  `json:"rows"`
	More  bool `json:"more"`
}

// ask asks for a page of at most Limit rows after a key.
type pageQuestion struct {
	After string `json:"after"`
	Limit int    `json:"limit"`
}

// mergePages merges the pages of several nodes to one of at most limit rows. Where a node's list goes on, its next row may come right
// after its last: so the page ends with the first of these last rows. join makes one row of those of different nodes that compare as
// equal.
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
// page may have fewer rows than the limit though there are more.
func (r Reach) Online(ctx context.Context, after uuid.UUID, limit int) (Page[OnlineUser], error) {
	return pages(ctx, r, "online", pageQuestion{after.String(), limit},
		func(a, b OnlineUser) int { return bytes.Compare(a.UserID[:], b.UserID[:]) },
		func(into *OnlineUser, other OnlineUser) {
			if other.ConnectedAt.Before(into.ConnectedAt) {
				into.ConnectedAt = other.ConnectedAt
			}
		})
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
		q.Limit = min(q.Limit, mostRows)
	}
	found, missed, err := everywhere[page[R]](ctx, r, kind, q)
	all := mergePages(found, q.Limit, compare, join)
	return Page[R]{missed, all.Total, all.Rows, all.More}, err
}

// pageOf makes a page of one row more than was asked for.
func pageOf[R any](total int, rows []R, limit int) page[R] {
	more := len(rows) > limit
	return page[R]{total, rows[:min(len(rows), limit)], more}
}

// answerPages registers the answers of this node to questions for pages.
func answerPages(s *Server) {
	answerWith(s.peers, "online", func(_ context.Context, q pageQuestion) (page[OnlineUser], error) {
		after, err := uuid.Parse(q.After)
		count, rows := s.Online(after, q.Limit+1)
		return pageOf(count, rows, q.Limit), err
	})
	answerWith(s.peers, "topics", func(_ context.Context, q pageQuestion) (page[TopicRow], error) {
		count, rows := s.Topics(q.After, q.Limit+1)
		return pageOf(count, rows, q.Limit), nil
	})
	answerWith(s.peers, "subscribers", func(ctx context.Context, q seatQuestion) (seatAnswer, error) { return seatsOf(ctx, s, q) })
}
