package client

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

func put(q *queue, from, to int) {
	for i := from; i < to; i++ {
		q.put(Message{Seq: uint64(i)}, position{})
	}
}

func TestEventsComeInOrder(t *testing.T) {
	var q queue
	var want []uint64
	for i := range 3000 {
		want = append(want, uint64(i))
	}
	put(&q, 0, 200)
	more := sync.OnceFunc(func() {
		go func() {
			for from := 200; from < 3000; from += 100 {
				put(&q, from, from+100)
				q.room(context.Background())
			}
			q.close()
		}()
	})
	var got []uint64
	for e := range q.all() {
		got = append(got, e.(Message).Seq)
		more() // before the program asks, more would displace the first ones
	}
	if !slices.Equal(got, want) {
		t.Error(got)
	}
	q.put(Message{}, position{})
	for e := range q.all() {
		t.Error("after the end:", e)
	}
}

func TestEventsOfAProgramThatDoesNotAskAreDropped(t *testing.T) {
	var q queue
	put(&q, 0, 10*maxUnread)
	q.room(context.Background())
	for e := range q.all() {
		if e.(Message).Seq != 9*maxUnread {
			t.Error(e)
		}
		break
	}
}

func TestEventsOfAProgramThatDoesNotAskAreBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		for i := range 200 {
			q.put(Message{Seq: uint64(i), Data: make([]byte, maxEventBytes/16)}, position{})
			q.room(t.Context()) // it must not wait
		}
		if q.bytes != maxEventBytes {
			t.Error(q.bytes, "bytes are kept")
		}
		q.put(Message{Seq: 200, Data: make([]byte, 2*maxEventBytes)}, position{})
		q.room(t.Context())
		if e, _ := q.next(); e.(Message).Seq != 200 {
			t.Error(e)
		}
	})
}

func TestTheReaderWaitsForRoom(t *testing.T) {
	for name, events := range map[string][]Event{
		"events": make([]Event, maxEvents),
		"bytes":  {Message{Data: make([]byte, maxEventBytes)}},
	} {
		synctest.Test(t, func(t *testing.T) {
			q := queue{wanted: true}
			for _, e := range events {
				if e == nil {
					e = Gap{}
				}
				q.put(e, position{})
			}
			free := false
			go func() { q.room(t.Context()); free = true }()
			if synctest.Wait(); free {
				t.Error(name, "there is room")
			}
			q.next()
			if synctest.Wait(); !free {
				t.Error(name, "there is no room")
			}
		})
	}
}

func TestTheHandlerIsCalledOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []uint64
		q := queue{}
		q.handler = func(e Event) {
			got = append(got, e.(Message).Seq) // the race detector would see two at once
			if len(got) == 1 {
				put(&q, 1, 3)
			}
		}
		put(&q, 0, 1)
		synctest.Wait()
		put(&q, 3, 4)
		synctest.Wait()
		if !slices.Equal(got, []uint64{0, 1, 2, 3}) {
			t.Error(got)
		}
	})
}
