package history

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"
)

// TestAReaderBeginsAtAnyRecord adds and drops records of many sizes, in a ring that grows, wraps and empties, and reads from many of
// them.
func TestAReaderBeginsAtAnyRecord(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	var g ring
	first, next := 0, 0 // the records that are there
	for range 300 {
		add := random.IntN(300)
		drop := random.IntN(300)
		if random.IntN(20) == 0 {
			drop = next + add
		}
		for range add {
			g.add(fmt.Appendf(nil, "%d %0*d", next, random.IntN(40), 0), uuid.Nil, uint32(next))
			next++
		}
		for range min(drop, next-first) {
			g.drop()
			first++
		}
		for range 10 {
			from := random.IntN(next - first + 1)
			want := first + from
			passed := 0
			g.from(uint32(from), func(r record) bool {
				if int(r.second()) != want {
					t.Fatalf("record %d comes instead of %d", r.second(), want)
				}
				want++
				passed++
				return passed < 100
			})
			if want != min(next, first+from+100) {
				t.Fatalf("the records from %d on end before %d", first+from, want)
			}
		}
	}
}

// TestALongRingIsNotPassedOver looks how far a reader begins before its record.
func TestALongRingIsNotPassedOver(t *testing.T) {
	var g ring
	for i := range 10_000 {
		g.add([]byte("hi"), uuid.Nil, uint32(i))
		if i > 3000 {
			g.drop()
		}
		if i < indexFrom {
			continue
		}
		for _, number := range []uint32{g.count - 1, g.count / 2, stride} {
			if at, _, ok := g.index.near(number); !ok || number-at >= stride {
				t.Fatalf("after %d records, a reader of record %d of %d begins at %d, %v", i+1, number, g.count, at, ok)
			}
		}
	}
}
