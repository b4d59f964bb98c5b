package server

import (
	"net"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// threadTime is the processor time that this thread has taken. Other threads do not count, but interrupts do, and on a virtual
// machine the time that the host takes away: of 8,000 rounds of a loop that only multiplies, 0.5 ms each, some take 3 to 6 ms.
func threadTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
	return time.Duration(t.Nano())
}

// comparison has processor times in nanoseconds: of an item with something, and of one without it. More is how much longer those with it
// took in each round.
type comparison struct{ with, without, more []float64 }

// compare times two kinds of turns, each of some items, by turns, so that a change of the machine's speed concerns both.
func compare(rounds, items int, with, without func()) (c comparison) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	each := func(turn func()) float64 {
		began := threadTime()
		turn()
		return float64(threadTime()-began) / float64(items)
	}
	for range rounds {
		first, second, third, fourth := each(with), each(without), each(without), each(with)
		c.with, c.without = append(c.with, first, fourth), append(c.without, second, third)
		c.more = append(c.more, (first+fourth-second-third)/2)
	}
	return c
}

// report reports the medians, and returns that of how much longer an item takes with the thing.
func (c *comparison) report(b *testing.B, item, thing string) (more float64) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(c.with), "ns/"+item)
	b.ReportMetric(median(c.without), "ns/"+item+"-without")
	b.ReportMetric(median(c.more), "ns/"+thing)
	return median(c.more)
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// timeWrites returns the processor time, in nanoseconds, that the kernel alone takes to write bytes to a TCP connection on this host: a
// part of any delivery. It writes to as many connections as a broadcast to a small room.
func timeWrites(tb testing.TB, bytes int) float64 {
	const connections, rounds = 60, 100
	tb.Helper()
	fds, clients := connected(tb, connections)
	payload, all := make([]byte, bytes), make([]float64, 0, rounds)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for range rounds {
		began := threadTime()
		for _, fd := range fds {
			if n, err := unix.Write(fd, payload); n != bytes {
				tb.Fatal(n, err)
			}
		}
		all = append(all, float64(threadTime()-began)/connections)
		for _, c := range clients {
			if n, err := c.Read(payload); n != bytes {
				tb.Fatal(n, err)
			}
		}
	}
	return median(all)
}

// connected returns descriptors of connections, and their clients' ends.
func connected(tb testing.TB, connections int) (fds []int, clients []net.Conn) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	for range connections {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			tb.Fatal(err)
		}
		accepted, err := l.Accept()
		if err != nil {
			tb.Fatal(err)
		}
		f, err := accepted.(*net.TCPConn).File()
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { client.Close(); accepted.Close(); f.Close() })
		fds, clients = append(fds, int(f.Fd())), append(clients, client)
	}
	return fds, clients
}
