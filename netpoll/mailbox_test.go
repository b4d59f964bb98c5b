package netpoll

import (
	"sync"
	"testing"
)

// TestMailboxKeepsEachPostersOrder has several goroutines post while one swaps. Every body must arrive once, complete, and in
// its poster's order.
func TestMailboxKeepsEachPostersOrder(t *testing.T) {
	const posters, each = 4, 5000
	var m mailbox
	var posting sync.WaitGroup
	for p := range posters {
		posting.Go(func() {
			for i := range each {
				m.put(Post{Op: uint8(p)}, []byte{byte(i), byte(i >> 8)})
			}
		})
	}
	var next [posters]int
	var spare batch
	for seen := 0; seen < posters*each; {
		full := m.swap(spare)
		for i := range full.posts {
			post := &full.posts[i]
			body := full.body(post)
			if got := int(body[0]) | int(body[1])<<8; got != next[post.Op] {
				t.Fatalf("poster %d: got body %d, want %d", post.Op, got, next[post.Op])
			}
			next[post.Op]++
			seen++
		}
		full.reset()
		spare = full
	}
	posting.Wait()
}

func TestAFullMailboxHasNoRoom(t *testing.T) {
	g := &Group{reactors: []*Reactor{{}, {}}}
	m := &g.reactors[0].mail
	body := make([]byte, maxMailboxBytes/4-postBytes)
	for i := range 4 {
		if !g.HasRoom(0) {
			t.Fatalf("no room for body %d of 4", i+1)
		}
		m.put(Post{}, body)
	}
	if g.HasRoom(0) || !g.HasRoom(1) {
		t.Fatalf("room in a full mailbox: %v, in an empty one: %v", g.HasRoom(0), g.HasRoom(1))
	}
	m.put(Post{Op: 9}, []byte("not lost"))
	full := m.swap(batch{})
	if len(full.posts) != 5 || !g.HasRoom(0) {
		t.Fatalf("%d of 5 posts; room after the swap: %v", len(full.posts), g.HasRoom(0))
	}
	full.reset()
	if cap(full.bytes) != 0 {
		t.Fatalf("a burst's %d bytes are kept", cap(full.bytes))
	}
}

func TestMailboxAllocatesNothing(t *testing.T) {
	var m mailbox
	var spare batch
	body := make([]byte, 100)
	turn := func() {
		for range 16 {
			m.put(Post{Op: 1}, body)
		}
		full := m.swap(spare)
		full.reset()
		spare = full
	}
	turn()
	turn()
	if n := testing.AllocsPerRun(1000, turn); n != 0 {
		t.Fatalf("%v allocations a turn of 16 posts", n)
	}
}
