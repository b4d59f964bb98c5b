package server

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"momentum/internal/serial"
	"momentum/server/cluster"
)

// TestAChannelQueueKeepsTheOrder compares random calls with a list.
func TestAChannelQueueKeepsTheOrder(t *testing.T) {
	serial.Test(t)
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		var q channelQueue
		var list []cluster.Channel
		for range 20000 {
			c := cluster.TopicOf(fmt.Sprint(random.IntN(40)))
			at := slices.Index(list, c)
			switch random.IntN(5) {
			case 0, 1:
				if q.add(c); at < 0 {
					list = append(list, c)
				}
			case 2, 3:
				if q.remove(c); at >= 0 {
					list = slices.Delete(list, at, at+1)
				}
			default:
				got, ok := q.next()
				if ok != (len(list) > 0) || ok && got != list[0] {
					t.Fatalf("seed %d: the next of %v is %v, %v", seed, list, got, ok)
				}
				if ok {
					list = list[1:]
				}
			}
			if q.len() != len(list) || q.order.Len() != len(list) {
				t.Fatalf("seed %d: the queue has %d channels in %d places, not %d", seed, q.len(), q.order.Len(), len(list))
			}
		}
	}
}

func TestAChannelQueueIsFirstInFirstOut(t *testing.T) {
	var q channelQueue
	for i := range 1000 {
		q.add(cluster.TopicOf(fmt.Sprint(i)))
		q.add(cluster.TopicOf(fmt.Sprint(i / 2))) // it is there, or was there
	}
	for i := range 1000 {
		if c, ok := q.next(); !ok || c != cluster.TopicOf(fmt.Sprint(i)) {
			t.Fatalf("channel %d is %v, %v", i, c, ok)
		}
	}
	if _, ok := q.next(); ok || q.places != nil {
		t.Error("the queue is not empty")
	}
}

// TestARemovalFromAChannelQueueCopiesNothing, also if half of many channels have gone. Goroutines of other tests may allocate meanwhile, but
// not in each of ten tries.
func TestARemovalFromAChannelQueueCopiesNothing(t *testing.T) {
	least := 1.0
	for range 10 {
		least = min(least, removals(10_000))
	}
	if least != 0 {
		t.Error("removals allocate")
	}
}

// removals returns how often half of all removals from a queue allocate.
func removals(size int) float64 {
	var q channelQueue
	var list []cluster.Channel
	for i := range size {
		list = append(list, cluster.TopicOf(fmt.Sprint(i)))
		q.add(list[i])
	}
	return testing.AllocsPerRun(1, func() { // it runs twice, and the second time counts
		for range size * 49 / 100 {
			q.remove(list[0])
			list = list[1:]
		}
	})
}
