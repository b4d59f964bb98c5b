package server

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestOnceAndInOrder has senders on every reactor send to everybody and to single users at once, over real sockets,
// while other clients join, leave, break off and stall. Every client that stays gets each message of each sender once
// and in the order in which it was sent, with broadcasts and direct messages in one sequence.
func TestOnceAndInOrder(t *testing.T) {
	const senders, each, seed = 16, 24, 7
	listeners := 2000
	if testing.Short() {
		listeners = 500
	}
	n := startReal(t, realOptions())
	var staying sync.WaitGroup
	ears := make([]*ear, listeners)
	joinAll(t, listeners, func(i int) error {
		w, err := join(n.addr, realToken(t, fmt.Sprintf("ear%d", i)))
		ears[i] = &ear{wire: w}
		return err
	})
	voices := make([]*wire, senders)
	for i := range voices {
		voices[i] = mustJoin(t, n, fmt.Sprintf("voice%d", i))
		go drainWire(voices[i])
	}
	for _, e := range ears {
		staying.Go(func() { e.listen(t, senders) })
	}
	stop := make(chan struct{})
	var restless sync.WaitGroup
	var guests atomic.Int64
	for i := range 8 {
		restless.Go(func() { guests.Add(comeAndGo(t, n, rand.New(rand.NewPCG(seed, uint64(i))), stop)) })
	}
	var speaking sync.WaitGroup
	for v, w := range voices {
		speaking.Go(func() { speak(t, w, v, each, listeners, rand.New(rand.NewPCG(seed, uint64(100+v)))) })
	}
	speaking.Wait()
	staying.Wait()
	close(stop)
	restless.Wait()
	if guests.Load() == 0 {
		t.Error("no guest was let in")
	}
	eventually(t, "the books balance", func() bool { return n.Audit(t.Context()) == nil })
}

// ear is a client that stays, and checks the messages that it gets.
type ear struct {
	*wire
	received [16]int
}

// listen checks that each sender's numbers only grow, and that the last message of every sender arrives after all its
// broadcasts.
func (e *ear) listen(t *testing.T, voices int) {
	for over := 0; over < voices; {
		line, err := e.next()
		if err != nil {
			t.Error("a listener lost its connection:", err)
			return
		}
		var voice, number, all int
		at := strings.Index(line, `"data":"v`)
		if at < 0 {
			continue
		}
		if _, err := fmt.Sscanf(line[at:], `"data":"v%d n%d all%d`, &voice, &number, &all); err != nil {
			t.Errorf("%q: %v", line, err)
			return
		}
		if number <= e.received[voice]>>16 {
			t.Errorf("voice %d: received number %d after %d", voice, number, e.received[voice]>>16)
			return
		}
		count := e.received[voice] & 0xffff
		if !strings.Contains(line, "to_user_id") {
			count++
		}
		if all != count {
			t.Errorf("voice %d, number %d: %d messages for all were sent by then, received %d", voice, number, all, count)
			return
		}
		e.received[voice] = number<<16 | count
		if strings.Contains(line, " over") {
			over++
		}
	}
}

// speak numbers its messages, and writes into each how many broadcasts there were up to and including it. Its last one
// is a broadcast.
func speak(t *testing.T, w *wire, voice, each, listeners int, random *rand.Rand) {
	all := 0
	for number := 1; number <= each; number++ {
		to, last := "", ""
		if number == each {
			last = " over"
		}
		if last == "" && random.IntN(3) == 0 {
			to = fmt.Sprintf(`,"to_user_id":"%s"`, userID(fmt.Sprintf("ear%d", random.IntN(listeners))))
		} else {
			all++
		}
		err := w.say(fmt.Sprintf(`{"message_type":"text","data":"v%d n%d all%d%s"%s}`, voice, number, all, last, to))
		if err != nil {
			t.Error("a speaker lost its connection:", err)
			return
		}
	}
}

// comeAndGo joins, stays for a few frames, and leaves in one of several ways, until it is told to stop. It returns how
// often it was admitted. A node that shares its cores with 2,000 listeners may answer that it is busy.
func comeAndGo(t *testing.T, n *realNode, random *rand.Rand, stop chan struct{}) (times int64) {
	for {
		select {
		case <-stop:
			return times
		default:
		}
		w, err := join(n.addr, realToken(t, fmt.Sprintf("guest%d", random.IntN(1000))))
		if err != nil {
			t.Log("a guest was refused:", err)
			continue
		}
		times++
		switch random.IntN(3) {
		case 0: // in order
			_, _ = w.Write(frame(8, []byte{3, 232}))
			_, _ = w.until("close")
		case 1: // by a reset, with frames unread
			_ = w.Conn.(*net.TCPConn).SetLinger(0)
		case 2: // in the middle of a frame
			_, _ = w.Write(frame(1, make([]byte, 100))[:50])
		}
		w.Close()
	}
}

func drainWire(w *wire) {
	for {
		if _, err := w.next(); err != nil {
			return
		}
	}
}

// joinAll runs join for every index, a few at a time.
func joinAll(t *testing.T, count int, join func(i int) error) {
	t.Helper()
	var workers sync.WaitGroup
	var next atomic.Int64
	for range 16 {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(count); i = next.Add(1) - 1 {
				if err := join(int(i)); err != nil {
					t.Errorf("connection %d: %v", i, err)
				}
			}
		})
	}
	workers.Wait()
	if t.Failed() {
		t.FailNow()
	}
}
