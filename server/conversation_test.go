package server

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"momentum/server/auth"
)

var update = flag.Bool("update", false, "rewrite the golden conversations from the node's answers")

// TestConversations runs the golden conversations in testdata. Each unindented line is an event; the indented lines
// after it are everything that every client received because of it. "mute presence" leaves the presence messages out from
// there on, in scripts that are about something else.
func TestConversations(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) == 0 {
		t.Fatal("no conversations in testdata")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			holdConversation(t, file, func(script string) string { return converse(t, script, func(*world) {}) })
		})
	}
}

// holdConversation runs the conversation in a file, and compares it with the file.
func holdConversation(t *testing.T, file string, run func(script string) string) {
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := run(string(want))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != string(want) {
		t.Errorf("the conversation went differently (go test ./server -run Conversations -update writes it down):\n%s",
			firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("want %d lines, got %d", len(w), len(g))
}

// converse runs a script and returns it with the messages that arrived. It calls before, if set, before each line.
func converse(t *testing.T, script string, before func(*world)) string {
	w := newWorld(t, 1, settings(t, script))
	var out strings.Builder
	muted := false
	for line := range strings.SplitSeq(strings.TrimRight(script, "\n"), "\n") {
		if strings.HasPrefix(line, "  ") {
			continue
		}
		out.WriteString(line + "\n")
		muted = muted || line == "mute presence"
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "node ") || line == "mute presence" {
			continue
		}
		before(w)
		if answer := w.happen(line); answer != "" {
			out.WriteString("  " + w.readable(answer) + "\n")
		}
		for _, c := range w.clients {
			for _, message := range c.received() {
				if !muted || !isPresence(message) {
					out.WriteString("  " + c.name + " < " + w.readable(message) + "\n")
				}
			}
		}
	}
	return out.String()
}

func isPresence(message string) bool {
	var envelope struct {
		Type string `json:"message_type"`
	}
	_ = json.Unmarshal([]byte(message), &envelope) // a status, a ping or a close is no JSON and has no type
	return slices.Contains([]string{"user_joined", "user_left", "presence"}, envelope.Type)
}

// settings reads a script's line about the node, if it has one: "node per-user=2 trusting=10.0.0.0/8".
func settings(t *testing.T, script string) func(*Options) {
	_, line, _ := strings.Cut("\n"+script, "\nnode ")
	line, _, _ = strings.Cut(line, "\n")
	return func(o *Options) {
		for word := range strings.FieldsSeq(line) {
			name, value, _ := strings.Cut(word, "=")
			number, _ := strconv.Atoi(value)
			switch name {
			case "per-user":
				o.MaxPerUser = number
			case "per-address":
				o.MaxPerAddress = number
			case "rate": // handshakes a second
				o.HandshakeRate = number
			case "origin":
				o.Origins = append(o.Origins, value)
			case "directory":
				o.Directory = newRoster()
			case "heartbeat": // seconds
				o.HeartbeatInterval = time.Duration(number) * time.Second
			case "history": // messages
				o.History.Messages = number
			case "history-age": // seconds
				o.History.Age = time.Duration(number) * time.Second
			case "topics-default": // none or subscribe; without it all
				o.TopicsDefault = map[string]*auth.Topics{"subscribe": {Subscribe: []string{"*"}}}[value]
			case "trusting":
				o.TrustedProxies = append(o.TrustedProxies, netip.MustParsePrefix(value))
			default:
				t.Fatalf("no setting of the node is called %q", name)
			}
		}
	}
}

// readable writes users' names for their ids.
func (w *world) readable(s string) string {
	for _, c := range w.clients {
		s = strings.ReplaceAll(s, userID(c.name).String(), "<"+c.name+">")
	}
	return strings.ReplaceAll(s, `"epoch":"`+w.server.epoch, `"epoch":"<epoch>`)
}

// happen executes one line of a script: an event, or a client's name and its action. It returns the answer, if the line
// asks for one.
func (w *world) happen(line string) string {
	subject, rest, _ := strings.Cut(line, " ")
	defer w.net.Settle()
	if do, ok := events[subject]; ok {
		return do(w, rest)
	}
	for _, c := range slices.Backward(w.clients) {
		if c.name == subject && !c.told {
			w.act(c, rest)
			return ""
		}
	}
	w.t.Fatalf("no client is called %q", subject)
	return ""
}

// events are the lines that do not begin with the name of a client.
var events = map[string]func(w *world, rest string) (answer string){
	"advance":   (*world).advance,    // DURATION
	"dial":      (*world).dialFrom,   // NAME [from ADDRESS]
	"join":      (*world).joinFrom,   // NAME [from ADDRESS]
	"admin":     (*world).administer, // see adminVerbs
	"directory": (*world).consult,    // see directoryVerbs
}

func (w *world) advance(duration string) string {
	w.net.Advance(w.duration(duration))
	return ""
}

func (w *world) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) dialFrom(what string) string {
	w.dial(w.comesFrom(what))
	return ""
}

func (w *world) joinFrom(what string) string {
	w.join(w.comesFrom(what))
	return ""
}

// comesFrom sets the address that the next connections come from, if "NAME from ADDRESS" has one.
func (w *world) comesFrom(what string) (name string) {
	name, address, given := strings.Cut(what, " from ")
	if given {
		w.net.From = netip.MustParseAddr(address)
	}
	return name
}
