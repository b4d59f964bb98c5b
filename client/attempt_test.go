package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

func TestADialIsBoundedAndCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var ends []time.Duration
		dial := func(ctx context.Context, network, address string) (net.Conn, error) {
			if network != "tcp" || address != "host:443" {
				t.Error(network, address)
			}
			<-ctx.Done()
			ends = append(ends, time.Since(start))
			return nil, ctx.Err()
		}
		c, err := Connect(t.Context(), "wss://host/ws", Options{Dial: dial, Random: func() float64 { return 0 }})
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(12 * time.Second)
		c.Close()
		if len(ends) != 2 || ends[0] != 10*time.Second || ends[1] != 12*time.Second {
			t.Error(ends)
		}
	})
}

func TestEndsAreDistinguished(t *testing.T) {
	for _, tt := range []struct {
		err error
		why string
	}{
		{&Refusal{Code: "busy"}, "busy"},
		{&CloseError{Code: 1001}, "close:1001"},
		{errBadToken, "token_malformed"},
		{errors.New("reset"), "lost"},
		{violation{codeInvalidText, "x"}, "lost"},
	} {
		if got := endingOf(tt.err); got.why != tt.why {
			t.Errorf("%v: %q", tt.err, got.why)
		}
	}
}

func TestAViolationIsAnsweredWithItsCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c, _ := newClient(t.Context(), "ws://host/ws", Options{})
		l := newLink(ours, nil, 10, time.Minute, nil)
		done := make(chan error, 1)
		go func() { done <- c.converse(l) }()
		go func() { _, _ = theirs.Write([]byte("\x81\x0bhello world")) }()
		_, payload, err := readMasked(theirs)
		var closed *CloseError
		if !errors.As(parseClose(payload), &closed) || closed.Code != codeTooBig {
			t.Errorf("%q, %v", payload, err)
		}
		if fault := <-done; !errors.As(fault, new(violation)) {
			t.Error(fault)
		}
		theirs.Close()
		c.cancel(nil)
	})
}

// TestTheCertificateIsChecked connects over TLS: with the server's certificate, and without.
func TestTheCertificateIsChecked(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		_ = ws.Write(r.Context(), websocket.MessageText, []byte(`{"message_type":"welcome","data":{"epoch":"e1"}}`))
		_, _, _ = ws.Read(r.Context())
	}))
	defer server.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	for config, want := range map[*tls.Config]Phase{{RootCAs: trusted}: Open, nil: Waiting} {
		c, err := Connect(t.Context(), server.URL+"/ws", Options{TLS: config})
		if err != nil {
			t.Fatal(err)
		}
		for e := range c.Events() {
			s, ok := e.(State)
			if !ok || s.Phase == Connecting {
				continue
			}
			if s.Phase != want || want == Waiting && !errors.As(s.Err, new(*tls.CertificateVerificationError)) {
				t.Errorf("%+v, want %s", s, want)
			}
			break
		}
		c.Close()
	}
}

func TestATokenFunctionThatHangsIsCalledAgain(t *testing.T) {
	var calls atomic.Int32
	hang := func(ctx context.Context, _ string) (string, error) {
		if calls.Add(1) > 1 {
			return "t2", nil
		}
		<-ctx.Done()
		return "", ctx.Err()
	}
	withClient(t, Options{TokenFunc: hang}, openAttempt(), func(t *testing.T, c *Client, _ *script) {
		<-time.After(attemptTimeout + 2*time.Second)
		if synctest.Wait(); c.State().Phase != Open || calls.Load() != 2 {
			t.Error(c.State(), calls.Load())
		}
	})
}
