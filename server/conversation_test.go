package server

import (
	"cmp"
	"encoding/hex"
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

	"github.com/google/uuid"
)

var update = flag.Bool("update", false, "rewrite the golden conversations with what the node says now")

// TestConversations runs the golden conversations in testdata: each unindented line is something that
// happens, and the indented lines behind it are what every client heard of it, all of it and nothing else.
func TestConversations(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) == 0 {
		t.Fatal("no conversations in testdata")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := converse(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("the conversation went differently (go test ./server -run Conversations -update writes it down):\n%s",
					firstDifference(string(want), got))
			}
		})
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

// converse runs a script and returns it with what was heard.
func converse(t *testing.T, script string) string {
	w := newWorld(t, 1, settings(t, script))
	var out strings.Builder
	for line := range strings.SplitSeq(strings.TrimRight(script, "\n"), "\n") {
		if strings.HasPrefix(line, "  ") {
			continue
		}
		out.WriteString(line + "\n")
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "node ") {
			continue
		}
		if said := w.happen(line); said != "" {
			out.WriteString("  " + w.readable(said) + "\n")
		}
		for _, c := range w.clients {
			for _, heard := range c.heard() {
				out.WriteString("  " + c.name + " < " + w.readable(heard) + "\n")
			}
		}
	}
	return out.String()
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
			case "directory":
				o.Directory = newRoster()
			case "heartbeat": // seconds
				o.HeartbeatInterval = time.Duration(number) * time.Second
			case "trusting":
				o.TrustedProxies = append(o.TrustedProxies, netip.MustParsePrefix(value))
			default:
				t.Fatalf("a node has no %q", name)
			}
		}
	}
}

// readable writes users' names for their ids.
func (w *world) readable(s string) string {
	for _, c := range w.clients {
		s = strings.ReplaceAll(s, userID(c.name).String(), "<"+c.name+">")
	}
	return s
}

// happen does what one line of a script says, and returns what an administrator was answered.
func (w *world) happen(line string) string {
	who, rest, _ := strings.Cut(line, " ")
	defer w.net.Settle()
	switch who {
	case "advance":
		d, err := time.ParseDuration(rest)
		if err != nil {
			w.t.Fatal(err)
		}
		w.net.Advance(d)
		return ""
	case "join", "dial":
		name, address, elsewhere := strings.Cut(rest, " from ")
		if elsewhere {
			w.net.From = netip.MustParseAddr(address)
		}
		if who == "dial" {
			w.dial(name)
		} else {
			w.join(name)
		}
		return ""
	case "admin":
		return w.administer(rest)
	case "directory":
		return w.consult(rest)
	}
	for _, c := range slices.Backward(w.clients) {
		if c.name == who && !c.told {
			w.act(c, rest)
			return ""
		}
	}
	w.t.Fatalf("nobody is called %q", who)
	return ""
}

// act does what a client does.
func (w *world) act(c *client, what string) {
	verb, rest, _ := strings.Cut(what, " ")
	for _, other := range w.clients {
		rest = strings.ReplaceAll(rest, "<"+other.name+">", userID(other.name).String())
	}
	switch verb {
	case ">":
		c.text(rest)
	case "sends": // raw bytes, as a Go string
		raw, err := strconv.Unquote(rest)
		if err != nil {
			w.t.Fatal(err)
		}
		c.Send([]byte(raw))
	case "frame": // opcode in hex, payload as it stands
		opcode, payload, _ := strings.Cut(rest, " ")
		op, err := hex.DecodeString(opcode)
		if err != nil {
			w.t.Fatal(err)
		}
		c.Send(frame(op[0], []byte(payload)))
	case "repeats": // so many times, raw bytes as a Go string
		times, quoted, _ := strings.Cut(rest, " ")
		count, _ := strconv.Atoi(times)
		raw, err := strconv.Unquote(quoted)
		if err != nil {
			w.t.Fatal(err)
		}
		c.Send([]byte(strings.Repeat(raw, count)))
	case "closes":
		code, _ := strconv.Atoi(rest)
		c.Send(frame(8, []byte{byte(code >> 8), byte(code)}))
	case "requests":
		c.Send(upgradeRequest(rest))
	case "upgrades": // with a header, or several
		request := string(upgradeRequest(w.token(c.name)))
		c.Send([]byte(strings.Replace(request, "\r\n\r\n", strings.ReplaceAll("; "+cmp.Or(rest, "X: y"), "; ", "\r\n")+"\r\n\r\n", 1)))
	case "hangs-up":
		c.HangUp()
		c.told = true
	case "stops-reading":
		c.Window = 0
	default:
		if w.actOnTokens(c, verb, rest) {
			return
		}
		w.t.Fatalf("a client cannot %q", verb)
	}
}

func (w *world) administer(what string) string {
	verb, rest, _ := strings.Cut(what, " ")
	switch verb {
	case "broadcast":
		kind, data, _ := strings.Cut(rest, " ")
		receipt, err := w.server.Broadcast(kind, json.RawMessage(data))
		return fmt.Sprintf("admin: %d connections, error %v", receipt.Connections, err)
	case "send":
		name, rest, _ := strings.Cut(rest, " ")
		kind, data, _ := strings.Cut(rest, " ")
		receipt, err := w.server.Send(userID(name), kind, json.RawMessage(data))
		return fmt.Sprintf("admin: %d connections, error %v", receipt.Connections, err)
	case "online":
		count, users := w.server.Online(uuid.Nil, 100)
		list, _ := json.Marshal(users)
		return fmt.Sprintf("admin: %d %s", count, list)
	case "drain":
		w.server.StartDrain()
		return ""
	case "cleanup":
		sweep := w.server.startSweep(0)
		w.net.Settle()
		return fmt.Sprintf("admin: %d cleaned, %d remain", sweep.closed.Load(), sweep.left.Load())
	case "refused":
		refused, _ := json.Marshal(w.server.Stats().Refused)
		return fmt.Sprintf("admin: %s", refused)
	case "closed":
		closed, _ := json.Marshal(w.server.Stats().Closed)
		return fmt.Sprintf("admin: %s", closed)
	case "audit":
		return fmt.Sprintf("admin: %v", w.audit())
	}
	if said, done := w.banish(verb, rest); done {
		return said
	}
	w.t.Fatalf("an administrator cannot %q", verb)
	return ""
}
