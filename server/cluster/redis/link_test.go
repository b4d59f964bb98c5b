package redis

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"momentum/internal/redistest"
)

func TestAClientMakesNoOtherConnections(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	lost := make(chan error, 10)
	d := &dialer{target: &target{}, lost: func(err error) { lost <- err }}
	l, err := d.open(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	s.Do(t, "CLIENT", "KILL", "TYPE", "normal")
	select {
	case <-lost:
	case <-time.After(patience):
		t.Fatal("the end of a connection is not told")
	}
	deadline := time.Now().Add(patience)
	for l.client.Do(context.Background(), l.client.B().Ping().Build()).Error() == nil && time.Now().Before(deadline) {
	}
	if err := l.client.Do(context.Background(), l.client.B().Ping().Build()).Error(); err == nil {
		t.Error("the client has connected again")
	}
}

func TestCutFailsCallsAtOnce(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	d := &dialer{target: &target{}, lost: func(error) {}}
	l, err := d.open(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	s.Pause(t)
	defer s.Resume(t)
	began := time.Now()
	time.AfterFunc(20*time.Millisecond, d.cut)
	if err := l.client.Do(context.Background(), l.client.B().Ping().Build()).Error(); err == nil || time.Since(began) > time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	if _, err := d.open(s.Addr()); err == nil {
		t.Error("a connection is made after the cut")
	}
}

// TestTheHandshakeOfTLSCountsAsAnAnswer: a primary that makes it slowly is not quiet.
func TestTheHandshakeOfTLSCountsAsAnAnswer(t *testing.T) {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	d, one := &dialer{lost: func(error) {}}, 1
	config := &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, MinVersion: tls.VersionTLS12}
	conn, err := d.dial(&one)(t.Context(), s.Listener.Addr().String(), new(net.Dialer), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("a request")); err != nil || d.reads.Load() == 0 {
		t.Errorf("the handshake is made with %d reads: %v", d.reads.Load(), err)
	}
}

func TestCanariesAreReadByTheirOwnNumber(t *testing.T) {
	for text, want := range map[string]uint64{"1025:7": 7, "7": 0, "": 0, "1:x": 0} {
		if got := canaryNumber(text); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}
