package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// behaviour is a case of testdata/behaviour.json. The README beside it describes the format.
type behaviour struct {
	Name    string
	Options struct {
		Token      string
		TokenFails []int     `json:"token_fails"`
		TokenTakes []float64 `json:"token_takes"`
		Presence   bool
		Random     []float64
	}
	Server    []attempt
	Events    []action
	Expect    []map[string]any
	Requests  []map[string]any
	Tokens    []string
	Sent      []map[string]any
	SentCount *int `json:"sent_count"`
	Users     map[string]string
	Settled   []map[string]any
	End       float64
}

// action is what the program does.
type action struct {
	At                        float64
	Do, Name, Type, To, Topic string
	Data                      any
	Times, Bytes              int
	Presence                  bool
}

func TestClientsBehaveAsTheTableSays(t *testing.T) {
	text, err := os.ReadFile("testdata/behaviour.json")
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	whole, _ := json.Marshal(unrolled(plain))
	var table []behaviour
	if err := json.Unmarshal(whole, &table); err != nil {
		t.Fatal(err)
	}
	for _, b := range table {
		t.Run(b.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { play(t, b) })
		})
	}
}

// unrolled returns a part of the table with each entry that has times, and is no event of the program, so many times. In the n-th, #n is n.
func unrolled(part any) any {
	switch part := part.(type) {
	case map[string]any:
		for name, value := range part {
			part[name] = unrolled(value)
		}
	case []any:
		var all []any
		for _, each := range part {
			entry, _ := each.(map[string]any)
			times, repeated := entry["times"].(float64)
			if !repeated || entry["do"] != nil {
				all = append(all, unrolled(each))
				continue
			}
			delete(entry, "times")
			text, _ := json.Marshal(entry)
			for n := range int(times) {
				var one any
				_ = json.Unmarshal(bytes.ReplaceAll(text, []byte("#n"), []byte(strconv.Itoa(n+1))), &one)
				all = append(all, one)
			}
		}
		return all
	}
	return part
}

// program is the user of a client, and records what it gets.
type program struct {
	*script
	client *Client
	tokens []string
	fails  []int
	takes  []float64
	random []float64
	calls  int

	got     []map[string]any
	settled []map[string]any
	ids     map[string]string
	users   map[string]string // at the end
}

func play(t *testing.T, b behaviour) {
	p := perform(t, &b)
	if b.Users != nil && !reflect.DeepEqual(b.Users, p.users) {
		t.Errorf("the users are %v, want %v", p.users, b.Users)
	}
	p.compare(t, b)
}

// perform plays a case until its end, and returns the program with all that it and the server have seen.
func perform(t *testing.T, b *behaviour) *program {
	p := &program{script: newScript(b.Server), fails: b.Options.TokenFails, takes: b.Options.TokenTakes, random: b.Options.Random, ids: make(map[string]string)}
	options := Options{Token: "t1", Dial: p.dial, Handler: p.record, Random: p.draw, Presence: b.Options.Presence}
	if b.Options.Token == "function" {
		options.Token, options.TokenFunc = "", p.newToken
	}
	c, err := newClient(context.Background(), "ws://host/ws", options)
	if err != nil {
		t.Fatal(err)
	}
	p.client = c
	var waits sync.WaitGroup
	running := false
	for _, a := range b.Events {
		if a.At > 0 && !running {
			go c.run()
			running = true
		}
		<-time.After(time.Until(p.start.Add(time.Duration(a.At * float64(time.Second)))))
		synctest.Wait() // an answer that does not wait for all events of a moment comes between them each time, and not only on a busy machine
		p.do(a, &waits)
	}
	if !running {
		go c.run()
	}
	<-time.After(time.Until(p.start.Add(time.Duration(b.end()*float64(time.Second)))) - time.Millisecond)
	synctest.Wait()
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	p.users = c.Users("")
	c.Close()
	p.close()
	waits.Wait()
	return p
}

// end returns when the case is over.
func (b *behaviour) end() float64 {
	last := 0.0
	for _, each := range append(b.Expect, b.Settled...) {
		last = max(last, each["at"].(float64))
	}
	if b.End == 0 {
		return last + 1
	}
	return b.End
}

func (p *program) draw() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.random) == 0 {
		return 0
	}
	r := p.random[0]
	if len(p.random) > 1 {
		p.random = p.random[1:]
	}
	return r
}

func (p *program) newToken(_ context.Context, why string) (string, error) {
	p.mu.Lock()
	p.calls++
	call := p.calls
	if !p.over {
		p.tokens = append(p.tokens, why)
	}
	p.mu.Unlock()
	if call <= len(p.takes) {
		<-time.After(time.Duration(p.takes[call-1] * float64(time.Second)))
	}
	if slices.Contains(p.fails, call) {
		return "", errors.New("no token now")
	}
	return fmt.Sprintf("t%d", call), nil
}

func (p *program) record(e Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := map[string]any{"at": p.at()}
	switch e := e.(type) {
	case State:
		got["state"], got["why"] = string(e.Phase), e.Why
		if e.Phase == Waiting {
			got["until"] = e.Until.Sub(p.start).Seconds()
		}
	case Message:
		got["message"] = asMap(e)
	case Gap:
		got["gap"] = asMap(e)
	case *Error:
		got["error"] = map[string]any{"code": e.Code, "topic": e.Topic}
	case Resumed:
		got["resumed"] = map[string]any{"topic": e.Topic, "resumed": e.Resumed, "missed": float64(e.Missed), "reason": e.Reason, "away": e.Away.Seconds()}
	default:
		return
	}
	if !p.over {
		p.got = append(p.got, got)
	}
}

func asMap(v any) (m map[string]any) {
	text, _ := json.Marshal(v)
	_ = json.Unmarshal(text, &m)
	return m
}

func (p *program) do(a action, waits *sync.WaitGroup) {
	switch a.Do {
	case "close":
		p.client.Close()
	case "wake":
		p.client.Wake()
	case "send":
		if a.Bytes > 0 {
			a.Data = strings.Repeat("x", a.Bytes)
		}
		for i := range max(1, a.Times) {
			name := a.Name
			if a.Times > 0 {
				name += fmt.Sprint(i + 1)
			}
			p.send(a, name, waits)
		}
	case "subscribe":
		var options []TopicOption
		if a.Presence {
			options = append(options, WithPresence())
		}
		answered := p.client.subscribe(a.Topic, options)
		waits.Go(func() { p.settle(a.Name, nil, <-answered) })
	case "unsubscribe":
		p.client.Unsubscribe(a.Topic)
		if a.Name != "" {
			p.settle(a.Name, nil, nil)
		}
	}
}

func (p *program) send(a action, name string, waits *sync.WaitGroup) {
	d := p.client.Post(Outgoing{Type: a.Type, Data: a.Data, ToUserID: a.To, Topic: a.Topic})
	p.mu.Lock()
	p.ids[name] = d.ID()
	p.mu.Unlock()
	waits.Go(func() {
		ack, err := d.Wait(context.Background())
		p.settle(name, asMap(ack), err)
	})
}

func (p *program) settle(name string, ack map[string]any, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := map[string]any{"name": name, "at": p.at(), "ack": ack}
	if fault := new(Error); errors.As(err, &fault) {
		got["code"] = fault.Code
	}
	if !p.over {
		p.settled = append(p.settled, got)
	}
}

func (p *program) compare(t *testing.T, b behaviour) {
	t.Helper()
	p.list(t, "events", b.Expect, p.got)
	if b.Requests != nil {
		p.list(t, "requests", b.Requests, p.requests)
	}
	if b.Tokens != nil && !reflect.DeepEqual(b.Tokens, p.tokens) {
		t.Errorf("the token function was called for %q, want %q", p.tokens, b.Tokens)
	}
	if b.Sent != nil {
		p.list(t, "sent", b.Sent, p.sent)
	}
	if b.SentCount != nil && len(p.sent) != *b.SentCount {
		t.Errorf("%d messages sent, want %d", len(p.sent), *b.SentCount)
	}
	byName := make(map[any]map[string]any)
	for _, each := range p.settled {
		byName[each["name"]] = each
	}
	var settled []map[string]any
	for _, want := range b.Settled {
		settled = append(settled, byName[want["name"]])
	}
	p.list(t, "settled", b.Settled, settled)
	if len(p.settled) != len(b.Settled) {
		t.Errorf("settled: %v, want %v", p.settled, b.Settled)
	}
	if p.most > 1 {
		t.Errorf("the client had %d sockets at once", p.most)
	}
}

func (p *program) list(t *testing.T, what string, want, got []map[string]any) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(want):
			t.Errorf("%s %d: unexpected %v", what, i, got[i])
		case i >= len(got):
			t.Errorf("%s %d: missing %v", what, i, want[i])
		case !p.matches(want[i], got[i]):
			t.Errorf("%s %d: %v, want %v", what, i, got[i], want[i])
		}
	}
}

// matches reports whether got has all that want names.
func (p *program) matches(want, got any) bool {
	switch want := want.(type) {
	case map[string]any:
		fields, ok := got.(map[string]any)
		for name, value := range want {
			ok = ok && p.matches(value, fields[name])
		}
		return ok && (fields["code"] == nil || want["name"] == nil || want["code"] != nil) // settled without the code of a failure: none may be there
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return false
		}
		for i := range want {
			if !p.matches(want[i], list[i]) {
				return false
			}
		}
		return true
	case float64:
		number, ok := got.(float64)
		return ok && math.Abs(number-want) < 0.011
	case string:
		if name, ok := strings.CutPrefix(want, "#"); ok {
			want = p.ids[name]
		}
		return want == got
	}
	return reflect.DeepEqual(want, got)
}
