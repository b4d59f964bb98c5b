package topics

import (
	"fmt"
	"slices"
	"testing"

	"momentum/server/ordered"
)

func TestPagesListEachTopicOnce(t *testing.T) {
	r := New(1, limits, 1<<20, 0, 1)
	for i := range 1000 {
		topic := r.Subscribe(fmt.Appendf(nil, "topic%03d", i), 0, ignore)
		if i%10 == 0 {
			r.Unsubscribe(topic, 0, 0)
		}
	}
	for _, limit := range []int{7, 77, 150, 300, 500, 2000} {
		listInPages(t, r, limit)
	}
}

func listInPages(t *testing.T, r *Registry, limit int) {
	t.Helper()
	n, after := 0, ""
	for page := r.Page(after, limit); len(page) > 0; page = r.Page(after, limit) {
		for _, row := range page {
			if n%10 == 0 {
				n++ // nobody is subscribed to these
			}
			if want := fmt.Sprintf("topic%03d", n); row.Topic != want || row.Subscribers != 1 {
				t.Fatalf("pages of %d: %+v, want %s", limit, row, want)
			}
			n++
			after = row.Topic
		}
	}
	if n != 1000 {
		t.Errorf("pages of %d end after %d", limit, n)
	}
}

// TestNoPageLooksAtManyTopicsAtOnce has many topics in one shard, most of them without subscribers, and looks how many are visited
// under one hold.
func TestNoPageLooksAtManyTopicsAtOnce(t *testing.T) {
	r := New(1, limits, 1<<20, 0, 1)
	s := r.shardOf([]byte("topic0"))
	all := 0
	for i := 0; all < 5*topicsAtOnce; i++ {
		name := fmt.Appendf(nil, "topic%d", i)
		if r.shardOf(name) != s {
			continue
		}
		if all++; all%20 == 0 {
			r.Subscribe(name, 0, ignore)
		} else {
			r.Unsubscribe(r.Subscribe(name, 0, ignore), 0, 0)
		}
	}
	if most := idlePerShard + all/20; s.order.Len() != len(s.topics) || s.order.Len() > most {
		t.Fatalf("%d topics are in order, %d known, want at most %d", s.order.Len(), len(s.topics), most)
	}
	if rows := r.Page("", 2*all); len(rows) != all/20 {
		t.Errorf("a page has %d topics, want %d", len(rows), all/20)
	}
	if most := topicsAtOnce + 2*ordered.BucketSize; s.most > most {
		t.Errorf("%d topics are looked at under one hold, want at most %d", s.most, most)
	}
}

// TestPagesOfAFullShardAreInOrder has most topics in one shard, whose part of a round ends long before those of the others.
func TestPagesOfAFullShardAreInOrder(t *testing.T) {
	r := New(1, limits, 1<<20, 0, 1)
	s := r.shardOf([]byte("topic0"))
	var want, got []string
	for i := 0; len(want) < 500; i++ {
		if name := fmt.Appendf(nil, "topic%d", i); r.shardOf(name) == s || i < 200 {
			r.Subscribe(name, 0, ignore)
			want = append(want, string(name))
		}
	}
	slices.Sort(want)
	after := ""
	for page := r.Page(after, 150); len(page) > 0; page = r.Page(after, 150) {
		for _, row := range page {
			got = append(got, row.Topic)
		}
		after = got[len(got)-1]
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages have %d topics, want %d: %q", len(got), len(want), got)
	}
}

// BenchmarkPage reads a page of 100 in the middle of a million topics.
func BenchmarkPage(b *testing.B) {
	r := New(1, limits, 1<<20, 0, 1)
	for i := range 1 << 20 {
		r.Subscribe(fmt.Appendf(nil, "topic%07d", i), 0, ignore)
	}
	for b.Loop() {
		if rows := r.Page("topic05", 100); len(rows) != 100 {
			b.Fatal(len(rows))
		}
	}
}
