package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"momentum/internal/adminapi"
	"momentum/server"
)

// draining is a node whose drain advances with each call.
func draining(t *testing.T, states ...server.DrainProgress) (addr string, calls *[]string) {
	t.Helper()
	calls = new([]string)
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*calls = append(*calls, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"))
		if len(states) == 0 {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"error":"not_draining","message":"it is not"}`))
			return
		}
		if r.Method == http.MethodGet {
			_ = json.NewEncoder(w).Encode(map[string]any{"drain": states[0]})
		} else {
			_ = json.NewEncoder(w).Encode(states[0])
		}
		if len(states) > 1 {
			states = states[1:]
		}
	}))
	t.Cleanup(node.Close)
	return strings.TrimPrefix(node.URL, "http://"), calls
}

func TestDrainShowsItsProgressUntilItIsOver(t *testing.T) {
	begun := server.DrainProgress{Sessions: 9, Remaining: 9, SecondsLeft: 4}
	half := server.DrainProgress{Sessions: 9, Closed: 5, Remaining: 4, SecondsLeft: 2}
	ticks := make(chan time.Time, 9)
	for range 9 {
		ticks <- time.Time{}
	}
	for _, tt := range []struct {
		last  server.DrainProgress
		wait  bool
		lines int
		want  string
		fails bool
	}{
		{server.DrainProgress{Sessions: 9, Closed: 9, Over: true}, true, 3, "drained: 9 of 9 connections", false},
		{server.DrainProgress{Sessions: 9, Closed: 7, Remaining: 2, Over: true}, true, 3, "drained: 7 of 9", true},
		{half, false, 1, "draining: 9 of 9 connections are left, 4.0 s", false},
	} {
		addr, _ := draining(t, begun, half, tt.last)
		var out strings.Builder
		err := (&drainCmd{Wait: tt.wait}).watch(t.Context(), &out, adminapi.New(addr, ""), ticks)
		if (err != nil) != tt.fails || strings.Count(out.String(), "\n") != tt.lines || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%+v: %v\n%s", tt, err, out.String())
		}
	}
	addr, _ := draining(t, begun)
	ended, cancel := context.WithCancel(t.Context())
	var out strings.Builder
	cancel()
	if err := (&drainCmd{Wait: true}).watch(ended, &out, adminapi.New(addr, ""), nil); err == nil {
		t.Error("a wait that was interrupted succeeds")
	}
}

func TestAWaitForADrainThatIsEndedDoesNotBeginItAnew(t *testing.T) {
	var calls []string
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls = append(calls, r.Method+" "+r.URL.Path)
		_, _ = w.Write([]byte(`{"sessions":9,"remaining":9}`)) // no drain, for a call that only looks
	}))
	t.Cleanup(node.Close)
	ticks := make(chan time.Time, 1)
	ticks <- time.Time{}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	err := (&drainCmd{Wait: true}).watch(ctx, io.Discard, adminapi.New(strings.TrimPrefix(node.URL, "http://"), ""), ticks)
	if !errors.Is(err, errDrainEnded) || !slices.Equal(calls, []string{"POST /ws/drain", "GET /ws/stats"}) {
		t.Errorf("%v after %q", err, calls)
	}
}

func TestTokensOfTheServerAreUsedAndNeverArguments(t *testing.T) {
	addr, calls := draining(t, server.DrainProgress{Over: true})
	file := write(t, "the admin token\n")
	for _, tt := range []struct {
		env  map[string]string
		args []string
		want string
		code int
	}{
		{map[string]string{"ADMIN_TOKEN": "sesame"}, nil, "Bearer sesame", 0},
		{map[string]string{"ADMIN_TOKEN_FILE": file}, nil, "Bearer the admin token", 0},
		{map[string]string{"ADMIN_TOKENS": "a:read:0123456789abcdef,b:write:fedcba9876543210"}, nil, "Bearer fedcba9876543210", 0},
		{nil, nil, "", 0},
		{nil, []string{"--admin-token=sesame"}, "", exitSettings},
	} {
		*calls = nil
		_, complaints, code := said(t, tt.env, append([]string{"drain", "--json", "--admin-addr", addr}, tt.args...)...)
		if code != tt.code || code == 0 && (len(*calls) != 1 || (*calls)[0] != "POST /ws/drain "+tt.want) {
			t.Errorf("%+v: code %d, %q, %s", tt, code, *calls, complaints)
		}
	}
}

func TestUndrainOfANodeThatServesSucceeds(t *testing.T) {
	addr, calls := draining(t)
	out, _, code := said(t, nil, "undrain", "--admin-addr", addr)
	if code != 0 || out != "the node was not draining" || (*calls)[0] != "DELETE /ws/drain " {
		t.Errorf("code %d, %q, %q", code, out, *calls)
	}
	addr, _ = draining(t, server.DrainProgress{Sessions: 3, Closed: 2})
	if out, _, code = said(t, nil, "undrain", "--json", "--admin-addr", addr); code != 0 || !strings.Contains(out, `"undrained":true,"sessions":3,"closed":2`) {
		t.Errorf("code %d, %q", code, out)
	}
}
