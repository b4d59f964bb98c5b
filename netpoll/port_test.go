package netpoll_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"momentum/netpoll"
)

// TestOneNodeHasThePort starts nodes on one address at the same moment, again and again: one of them serves, and every
// other one fails and names the address.
func TestOneNodeHasThePort(t *testing.T) {
	const rounds, nodes = 20, 8
	var stopping sync.WaitGroup
	defer stopping.Wait()
	for range rounds {
		addr, err := netpoll.FreeAddr("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		start, serving, failed := make(chan struct{}), make(chan *netpoll.Listener, nodes), make(chan error, nodes)
		for range nodes {
			g := newGroup(t, &echo{onClose: func(error) {}}, 2)
			all.Go(func() {
				<-start
				if l, err := netpoll.Serve(g, addr); err != nil {
					failed <- err
				} else {
					serving <- l
				}
			})
		}
		close(start)
		all.Wait()
		if len(serving) != 1 {
			t.Fatalf("%d of %d nodes serve %s", len(serving), nodes, addr)
		}
		for len(failed) > 0 {
			if err := <-failed; !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), "in use") {
				t.Errorf("the error does not say that %s is in use: %v", addr, err)
			}
		}
		l := <-serving
		stopping.Go(func() { stop(t, l) }) // half a second each
	}
}

func newGroup(t testing.TB, h netpoll.Handler, reactors int) *netpoll.Group {
	t.Helper()
	g, err := netpoll.NewGroup(netpoll.Options{
		Reactors: reactors, MaxSockets: 1000, Outbound: netpoll.DefaultOutbound, Now: time.Now,
		Overflow: func() []byte { return nil }, Log: slog.New(slog.DiscardHandler),
		NewHandler: func(*netpoll.Reactor) netpoll.Handler { return h },
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func stop(t testing.TB, l *netpoll.Listener) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// TestAPortInUseIsRefused covers the wildcard address, which overlaps with every other.
func TestAPortInUseIsRefused(t *testing.T) {
	l := serve(t, &echo{}, 2)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, addr := range []string{l.Addr().String(), "0.0.0.0:" + port} {
		if _, err := netpoll.FreeAddr(addr); err == nil {
			t.Errorf("a second node may bind %s while the first has %v", addr, l.Addr())
		}
	}
}

// TestAPortIsFreeAgainAtOnce holds that a node which stops gives up its port, and everything else that it held it by.
func TestAPortIsFreeAgainAtOnce(t *testing.T) {
	l, err := netpoll.Serve(newGroup(t, &echo{onClose: func(error) {}}, 2), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stop(t, l)
	serveOn(t, &echo{}, 2, l.Addr().String())
}
