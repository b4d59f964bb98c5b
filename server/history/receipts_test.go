package history

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// sender publishes messages and counts those that were published.
type sender struct {
	*testing.T
	receipts  *Receipts
	published uint64
}

func (s *sender) send(id string, now time.Duration) Receipt {
	s.Helper()
	r, err := s.receipts.Once(uuid.UUID{1}, []byte(id), 3, now, func() (Receipt, error) {
		s.published++
		return Receipt{Seq: s.published, Stored: true}, nil
	})
	if err != nil {
		s.Error(err)
	}
	return r
}

func TestAMessageSentAgainIsPublishedOnce(t *testing.T) {
	s := &sender{T: t, receipts: NewReceipts(time.Minute, 1<<20)}
	first := s.send("a", 0)
	for _, now := range []time.Duration{0, 30 * time.Second, 59 * time.Second} {
		if again := s.send("a", now); again != first {
			t.Errorf("after %v: %+v, at first %+v", now, again, first)
		}
	}
	if s.send("b", time.Minute); s.published != 2 {
		t.Errorf("two messages were published %d times", s.published)
	}
	if s.send("a", 4*time.Minute); s.published != 3 {
		t.Error("a receipt is kept for ever")
	}
	other, _ := s.receipts.Once(uuid.UUID{2}, []byte("a"), 3, 0, func() (Receipt, error) { return Receipt{Seq: 99}, nil })
	if other.Seq != 99 {
		t.Errorf("another user's message with the same id gets %+v", other)
	}
}

func TestAMessageThatWasNotPublishedMayBeSentAgain(t *testing.T) {
	r := NewReceipts(time.Minute, 1<<20)
	for range 2 {
		dropped := false
		_, _ = r.Once(uuid.UUID{3}, []byte("a"), 3, 0, func() (Receipt, error) { dropped = true; return Receipt{}, nil })
		if !dropped {
			t.Error("a message without a number is remembered")
		}
	}
	full := errors.New("full")
	for range 2 {
		if _, err := r.Once(uuid.UUID{1}, []byte("a"), 3, 0, func() (Receipt, error) { return Receipt{}, full }); !errors.Is(err, full) {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestTheLastReceiptsOfASenderAreKept(t *testing.T) {
	s := &sender{T: t, receipts: NewReceipts(time.Minute, 1<<20)}
	for i := range 10 {
		s.send(fmt.Sprint(i), 0)
	}
	for i := 7; i < 10; i++ {
		s.send(fmt.Sprint(i), 0)
	}
	if s.published != 10 {
		t.Errorf("%d messages of 10 were published", s.published)
	}
	if s.send("0", 0); s.published != 11 {
		t.Error("more receipts are kept than asked for")
	}
}

// TestReceiptsStayWithinTheirRoom has many senders send a message each, and few of them many: in both cases it is the memory that is limited.
func TestReceiptsStayWithinTheirRoom(t *testing.T) {
	const room = 4 << 20
	for senders, each := range map[int]int{200_000: 1, 100_000: 2, 2000: 100} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		r := NewReceipts(time.Hour, room)
		for i := range senders * each {
			n := i % senders
			sender := uuid.UUID{byte(n), byte(n >> 8), byte(n >> 16)}
			_, _ = r.Once(sender, fmt.Append(nil, i), 100, 0, func() (Receipt, error) { return Receipt{Seq: 1}, nil })
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if took := int(after.HeapAlloc - before.HeapAlloc); took > room || took < room/4 {
			t.Errorf("the receipts of %d senders with %d each take %d bytes, of %d", senders, each, took, room)
		}
		runtime.KeepAlive(r)
	}
}

func TestAMessageThatArrivesTwiceAtOnceIsPublishedOnce(t *testing.T) {
	r := NewReceipts(time.Minute, 1<<20)
	published := 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 100 {
				_, _ = r.Once(uuid.UUID{1}, fmt.Append(nil, i), 1000, 0, func() (Receipt, error) {
					published++
					return Receipt{Seq: 1}, nil
				})
			}
		})
	}
	all.Wait()
	if published != 100 {
		t.Errorf("100 messages were published %d times", published)
	}
}
