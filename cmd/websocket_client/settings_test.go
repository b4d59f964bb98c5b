package main

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	momentum "momentum/client"
)

func TestTheNameIsThatOfTheToken(t *testing.T) {
	f := &flags{Username: "alice"}
	token, err := f.token(testSecret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]string{token: "alice", "": "", "a.b": "", "a.!.c": "", "a.e30.c": ""} {
		if got := username(given); got != want {
			t.Errorf("%q: %q", given, got)
		}
	}
}

func TestAPersonsConnectionReturns(t *testing.T) {
	for name, tt := range map[string]struct {
		flags   flags
		person  bool
		returns bool
		signs   bool
	}{
		"a pipe":        {flags{}, false, false, false},
		"a person":      {flags{}, true, true, true},
		"--reconnect":   {flags{Reconnect: true}, false, true, true},
		"a token":       {flags{Token: "t"}, true, true, false},
		"the benchmark": {flags{Benchmark: true, Reconnect: true}, true, false, false},
	} {
		tt.flags.Username = "alice"
		settings, err := tt.flags.settings("first", testSecret, tt.person)
		if err != nil {
			t.Fatal(err)
		}
		var c connection
		o := momentum.Options{NoResume: true}
		for _, set := range settings {
			set(&c, &o)
		}
		if c.resumes != tt.returns || o.NoResume == tt.returns || (o.TokenFunc != nil) != tt.signs {
			t.Errorf("%s: %+v", name, o)
		}
		if tt.signs {
			first, _ := o.TokenFunc(context.Background(), "")
			second, err := o.TokenFunc(context.Background(), "close:4001")
			if first != "first" || second == "first" || strings.Count(second, ".") != 2 || err != nil {
				t.Errorf("%s: %q, %q, %v", name, first, second, err)
			}
		}
	}
}

func TestCertificatesAreRead(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{empty: "no certificate", empty + "x": "no such file"} {
		wantOutcome(t, client(t, "", "--ca", path), exitUsage, "", want)
	}
	if trust, err := (&flags{Insecure: true}).trust(); !trust.InsecureSkipVerify || err != nil {
		t.Error(trust, err)
	}
	wantOutcome(t, client(t, "", "--ca", empty, "--insecure"), exitUsage, "", "exclude each other")
}

// TestTheServersCertificateIsChecked has a server whose certificate no authority of the system has signed.
func TestTheServersCertificateIsChecked(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ws, err := websocket.Accept(w, r, nil); err == nil {
			for _, payload, err := ws.Read(r.Context()); err == nil; _, payload, err = ws.Read(r.Context()) {
				pong(ws, 0, payload)
			}
		}
	}))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it logs refused handshakes
	secure.StartTLS()
	t.Cleanup(secure.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	connect := func(args ...string) outcome {
		return client(t, "", append([]string{"--url", "wss" + strings.TrimPrefix(secure.URL, "https"), "--benchmark", "--messages", "1"}, args...)...)
	}
	wantOutcome(t, connect(), exitFailed, "", "certificate signed by unknown authority")
	wantOutcome(t, connect("--ca", ca), exitOK, "received    1", "")
	wantOutcome(t, connect("--insecure"), exitOK, "received    1", "")
}

func TestTheVersionIsPrinted(t *testing.T) {
	wantOutcome(t, client(t, "", "--version"), exitOK, "websocket_client ", "")
}
