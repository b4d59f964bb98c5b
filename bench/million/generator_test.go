package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"momentum/bench/crowd"
)

func TestAGeneratorAnswersEachCommandAndEndsWithItsInput(t *testing.T) {
	in, commands := io.Pipe()
	answers, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- generate(in, out) }()
	to, from := json.NewEncoder(commands), json.NewDecoder(answers)
	if err := to.Encode(setup{First: 5, Number: 3}); err != nil {
		t.Fatal(err)
	}
	yes := true
	for _, c := range []command{{Hold: &yes, Clear: true}, {Histograms: true}} {
		var a answer
		if err := to.Encode(c); err != nil {
			t.Fatal(err)
		}
		if err := from.Decode(&a); err != nil || a.Error != "" || a.Open != 0 || c.Histograms != (a.Latency != nil) {
			t.Fatalf("%+v, %v", a, err)
		}
	}
	commands.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAMessageThatCannotBeSentEndsAGenerator(t *testing.T) {
	var out bytes.Buffer
	in := strings.NewReader(`{"number":1}{"broadcast":true}`)
	if err := generate(in, &out); err == nil || !strings.Contains(out.String(), "not connected") {
		t.Errorf("%v: %s", err, &out)
	}
}

func TestMessagesAreCountedByKind(t *testing.T) {
	g, err := newGenerator(setup{Number: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer g.crowd.Close()
	for _, tag := range []byte{crowd.Broadcast, crowd.Direct, crowd.Direct, crowd.Reply} {
		if err := g.received(&crowd.Message{Tag: tag, Sent: 1, At: 1 + int64(3*time.Millisecond)}); err != nil {
			t.Error(err)
		}
	}
	if g.broadcasts != 1 || g.directs != 2 || g.latency.TotalCount() != 3 || g.latency.Max()/10 != 300 {
		t.Errorf("%d, %d, %v", g.broadcasts, g.directs, g.latency.Max())
	}
}

func TestDirectMessagesWaitForTheirTime(t *testing.T) {
	g, err := newGenerator(setup{Number: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer g.crowd.Close()
	if g.wait() >= 0 {
		t.Error("a generator without work does not wait for events")
	}
	g.obey(command{To: []int{1}, Interval: time.Hour})
	now := g.due
	g.due = now.Add(time.Hour)
	if err := g.sendDue(now); err != nil || len(g.to) != 1 || g.wait() < time.Minute {
		t.Errorf("%v, %d, %v", err, len(g.to), g.wait())
	}
	if err := g.sendDue(g.due); err == nil {
		t.Error("a client that is not connected sends")
	}
}
