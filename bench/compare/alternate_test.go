package main

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestATurnCountsSinceTheOneBefore(t *testing.T) {
	f := connectFleet(t, plainServer{newMembers(), false}, &plainDialect, 3)
	e := &echoLoad{newTally(), textFrame(32)}
	s := &side{name: ours, process: here(t, plainServer{newMembers(), false}), fleet: f, work: e, tally: e.tally}
	if err := e.begin(f); err != nil {
		t.Fatal(err)
	}
	first, err := s.turn(echo(3, 32), 0, 20*time.Millisecond)
	if err != nil || first.Count != 0 {
		t.Errorf("the first turn: %+v, %v", first, err)
	}
	received := s.tally.count
	second, err := s.turn(echo(3, 32), 1, 20*time.Millisecond)
	if err != nil || second.Count != received || second.CPUMicros <= 0 {
		t.Errorf("the second turn: %+v, %v, want %d messages", second, err, received)
	}
}

func TestEachPartOfAStormHasUsersOfItsOwn(t *testing.T) {
	var tokens sync.Map
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tokens.Store(r.Header.Get("Authorization"), true)
		w.WriteHeader(http.StatusNotFound)
	})
	s := &side{name: product, process: here(t, server)}
	s.process.dialect = &productDialect
	for round := range 3 {
		if _, err := s.turn(storm(1), round, 0); err == nil {
			t.Error("a refusal is no error")
		}
	}
	users := 0
	tokens.Range(func(any, any) bool { users++; return true })
	if users != 3 {
		t.Errorf("%d users in three storms of one", users)
	}
}

// pairServer sends each message to the other one of two connections.
type pairServer struct{ *members }

func (s pairServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	s.join(c)
	for {
		_, text, err := c.Read(r.Context())
		if err != nil {
			return
		}
		s.send(r, c, string(text))
	}
}

func TestUsersAnswerEachOther(t *testing.T) {
	f := connectFleet(t, pairServer{newMembers()}, &productDialect, 2)
	l := newChatLoad(job{Connections: 2})
	if err := l.begin(f); err != nil {
		t.Fatal(err)
	}
	runUntil(t, f, l, l.tally, 10)
}
