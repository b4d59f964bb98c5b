package redis

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"momentum/server/cluster"
)

// testInbox is an inbox of a small size, with messages of generation 1.
func testInbox(t *testing.T, limit int) (*inbox, *peer) {
	p := newPeer(t)
	i := newInbox(p, limit)
	i.names = func() *names { return &names{prefix: "mo", tags: whole} }
	i.lost = func(err error) { t.Error(err) }
	i.turn(1, nil)
	return i, p
}

func entry(n int) string {
	return fmt.Sprintf("%d:%s", n, appendBundle(nil, 1, []message{{json: []byte(fmt.Sprint(n))}}))
}

func TestTheNodeIsCalledInOrder(t *testing.T) {
	i, p := testInbox(t, 1<<20)
	var seen []int
	for n := 1; n <= 3; n++ {
		i.message(1, "mo:c", entry(n))
		i.call(0, func(cluster.Node) { seen = append(seen, len(p.got)) })
	}
	go i.run()
	defer i.close()
	p.await("messages", func() bool { return len(p.got) == 3 })
	done := make(chan struct{})
	i.call(0, func(cluster.Node) { close(done) })
	<-done
	if !slices.Equal(seen, []int{1, 2, 3}) || i.size() != 0 {
		t.Errorf("the calls came after %v messages; %d bytes wait", seen, i.size())
	}
}

func TestAFullInboxStopsTheReaderAndTheWriter(t *testing.T) {
	i, p := testInbox(t, 100)
	i.message(1, "mo:c", entry(1))
	put, room := make(chan struct{}), make(chan struct{})
	go func() {
		i.message(1, "mo:c", entry(2))
		close(put)
	}()
	go func() {
		i.await()
		close(room)
	}()
	select {
	case <-put:
		t.Error("a message is taken above the limit")
	case <-room:
		t.Error("there is room above the limit")
	case <-time.After(20 * time.Millisecond):
	}
	go i.run()
	defer i.close()
	<-put
	<-room
	p.await("messages", func() bool { return len(p.got) == 2 })
}

func TestMessagesOfAnEarlierAttachmentAreDropped(t *testing.T) {
	i, p := testInbox(t, 100)
	i.message(1, "mo:c", entry(1))
	stuck := make(chan bool)
	go func() { stuck <- i.put(event{generation: 1, channel: "mo:c", text: entry(2)}) }()
	i.turn(2, func(n cluster.Node) { n.Changed(cluster.Held, []cluster.Epoch{1}) })
	if <-stuck || i.put(event{generation: 1}) {
		t.Error("a message of the earlier attachment is taken")
	}
	go i.run()
	defer i.close()
	i.message(2, "mo:c", entry(3))
	p.await("messages", func() bool { return len(p.got) == 2 })
	if got := p.texts(); !slices.Equal(got, []string{"1", "3"}) {
		t.Errorf("%q", got)
	}
}
