package history

import (
	"testing"
	"time"
	"unsafe"

	"github.com/google/uuid"
)

// TestHistoryBytes holds that a message with a sender, of 200 bytes of JSON, costs at most 64 bytes more than its frame.
func TestHistoryBytes(t *testing.T) {
	for _, messages := range []int{1, 10, 100} {
		s := NewStore(Limits{Messages: 100, Bytes: 64 << 10, Age: time.Minute}, 1<<30)
		channels := make([]Channel, 1000)
		for range messages {
			for i := range channels {
				s.Next(&channels[i])
				s.Keep(&channels[i], make([]byte, 204), uuid.UUID{1}, 0)
			}
		}
		each := (s.Bytes() - int(unsafe.Sizeof(kept{}))*len(channels)) / (messages * len(channels))
		t.Logf("%d messages: %d bytes each, and %d a channel", messages, each, unsafe.Sizeof(kept{}))
		if each > 204+64 {
			t.Errorf("a message of 204 bytes costs %d", each)
		}
	}
}

// TestAFullChannelAllocatesNothing holds that messages reuse the memory of those that they replace.
func TestAFullChannelAllocatesNothing(t *testing.T) {
	s := NewStore(Limits{Messages: 100, Bytes: 64 << 10, Age: time.Minute}, 1<<20)
	var c Channel
	frame := make([]byte, 200)
	post := func() {
		s.Next(&c)
		s.Keep(&c, frame, uuid.Nil, 0)
	}
	for range 300 {
		post()
	}
	if n := testing.AllocsPerRun(1000, post); n > 0 {
		t.Errorf("%v allocations a message", n)
	}
}

// TestARingWithOneRecordAtEachSize adds and drops records whose sizes make every kind of wrap.
func TestARingWithOneRecordAtEachSize(t *testing.T) {
	var g ring
	for i := range 2000 {
		frame := make([]byte, 1+i*37%101)
		frame[0] = byte(i)
		g.add(frame, uuid.Nil, uint32(i))
		if i >= 3 {
			g.drop()
		}
		n := max(0, i-2)
		for r := range g.all {
			if int(r.second()) != n || r.frame()[0] != byte(n) || len(r.frame()) != 1+n*37%101 {
				t.Fatalf("after %d records, record %d is %d of %d bytes", i+1, n, r.second(), len(r.frame()))
			}
			n++
		}
		if n != i+1 {
			t.Fatalf("%d of %d records are left", n, i+1)
		}
	}
	if len(g.buf) > 2*4*(101+recordHead) {
		t.Errorf("the buffer has grown to %d bytes", len(g.buf))
	}
}
