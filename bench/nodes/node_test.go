package nodes

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
)

func TestANodeIsReadyWhenItSaysSo(t *testing.T) {
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) < 3 || r.URL.Path != "/readyz" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer s.Close()
	p := start(t, newGroup(t), Command{Args: []string{"cat"}, Core: AnyCore, Piped: true})
	n := &Node{Process: p, Addr: netip.MustParseAddrPort(s.Listener.Addr().String())}
	if err := n.AwaitReady(); err != nil || asked.Load() != 3 {
		t.Errorf("%v after %d answers", err, asked.Load())
	}
	n.Kill()
	asked.Store(-1000)
	if err := n.AwaitReady(); err == nil {
		t.Error("a node that has ended is ready")
	}
}

func TestANodeThatCannotBeStartedIsAnError(t *testing.T) {
	if _, err := newGroup(t).StartNode(NodeOptions{Binary: "/does/not/exist", Core: AnyCore}); err == nil {
		t.Error("a node without a program")
	}
}

func TestAnotherServerGetsItsAddress(t *testing.T) {
	c := Command{Args: []string{"sh", "-c", "echo $0 at $1 >&2", "x", Here}, Core: AnyCore}
	n, err := newGroup(t).StartOther(c)
	if err != nil {
		t.Fatal(err)
	}
	<-n.Ended
	if want := "x at " + n.Addr.String(); n.Said() != want || c.Args[4] != Here {
		t.Errorf("%q, not %q; %q", n.Said(), want, c.Args)
	}
	if _, err := newGroup(t).StartOther(Command{Args: []string{"/does/not/exist"}, Core: AnyCore}); err == nil {
		t.Error("a node without a program")
	}
}

func TestAFreeAddressCanBeListenedOn(t *testing.T) {
	for range 3 {
		addr, err := freeAddr()
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp4", addr.String())
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if p := int(addr.Port()); p < firstPort || p >= lastPort {
			t.Errorf("port %d", p)
		}
	}
}
