package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// orderTable is testdata/orders.json. The README beside it describes the format.
type orderTable struct {
	Programs []orderUser
	Answers  []answer
	Last     attempt
	End      float64
}

// orderUser is a program that meets the orders. It has the options and events of a case.
type orderUser struct {
	behaviour
	Longest int
}

// answer is what a server does with an attempt, and what that asks of a client.
type answer struct {
	Name    string
	Does    attempt
	Named   float64 // seconds until the next attempt, if the server names them
	Closed  string  // why the client is closed, if it is
	Longest int     // the length of the longest orders with it; 0: 2

	ClosedWithString string `json:"closed_with_string"` // the same of a client without a token function
}

// closes returns why an answer closes the client of a program.
func (p *orderUser) closes(a answer) string {
	if p.Options.Token == "string" {
		return cmp.Or(a.Closed, a.ClosedWithString)
	}
	return a.Closed
}

// played is an order with its trace, as web/clienttest/orders.mjs prints it.
type played struct {
	Order, Trace []string
}

// TestBothClientsDoTheSameInEveryOrder plays each order with this package and, in Node, with the client for pages, and compares the traces.
func TestBothClientsDoTheSameInEveryOrder(t *testing.T) {
	longest := 3
	if testing.Short() {
		longest = 2
	}
	if raceDetector {
		longest = 1 // longer ones take minutes with it: make test-serial runs them
	}
	table := readOrders(t)
	inNode := playInNode(t, longest)
	count, faults := 0, 0
	for i := range table.Programs {
		user := &table.Programs[i]
		for order := range table.orders(user, nil, min(longest, user.Longest)) {
			count++
			var theirs played
			if err := inNode.Decode(&theirs); err != nil {
				t.Fatalf("the trace of %q in Node: %v", namesOf(order), err)
			}
			fault := table.play(t, user, order, theirs)
			if fault == "" {
				continue
			}
			t.Errorf("%s, %q: %s\nJavaScript:\n  %s", user.Name, theirs.Order, fault, strings.Join(theirs.Trace, "\n  "))
			if faults++; faults == 5 {
				t.Fatal("no further orders are played")
			}
		}
	}
	if _, err := inNode.Token(); err != io.EOF {
		t.Errorf("Node plays more than the %d orders: %v", count, err)
	}
	t.Logf("%d orders of %d answers", count, len(table.Answers))
}

// play plays an order with this package's client. It returns a fault, with the trace.
func (table *orderTable) play(t *testing.T, user *orderUser, order []answer, theirs played) string {
	t.Helper()
	b := user.behaviour
	b.End = table.End
	for _, a := range order {
		b.Server = append(b.Server, a.Does)
	}
	b.Server = append(b.Server, table.Last)
	var p *program
	synctest.Test(t, func(t *testing.T) { p = perform(t, &b) })
	fault, trace := user.faultOf(order, p), p.trace()
	if fault == "" && !slices.Equal(theirs.Trace, trace) {
		fault = "the clients differ"
	}
	if names := namesOf(order); !slices.Equal(theirs.Order, names) {
		fault = fmt.Sprintf("the order is %q in Go", names)
	}
	if fault == "" {
		return ""
	}
	return fault + "\nGo:\n  " + strings.Join(trace, "\n  ")
}

func readOrders(t *testing.T) (table orderTable) {
	t.Helper()
	text, err := os.ReadFile("testdata/orders.json")
	if err == nil {
		err = json.Unmarshal(text, &table)
	}
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// orders returns all orders that begin with some answers. Nothing follows one that closes the client.
func (table *orderTable) orders(user *orderUser, begin []answer, longest int) func(yield func([]answer) bool) {
	return func(yield func([]answer) bool) {
		for _, a := range table.Answers {
			order := append(slices.Clone(begin), a)
			if slices.ContainsFunc(order, func(a answer) bool { return cmp.Or(a.Longest, 2) < len(order) }) {
				continue
			}
			if !yield(order) {
				return
			}
			if len(order) == longest || user.closes(a) != "" {
				continue
			}
			for longer := range table.orders(user, order, longest) {
				if !yield(longer) {
					return
				}
			}
		}
	}
}

// playInNode plays all orders with the client for pages, and returns the traces as they come.
func playInNode(t *testing.T, longest int) *json.Decoder {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal("no node: `make test` installs it (Debian's nodejs)")
	}
	for _, pattern := range []string{"../web/client/*.js", "../web/clienttest/*.mjs"} { // so that the go command runs the test again when they change
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			if _, err := os.Stat(file); err != nil {
				t.Fatal(err)
			}
		}
	}
	end, limited := t.Deadline()
	if !limited {
		end = time.Now().Add(time.Hour)
	}
	ctx, stop := context.WithDeadline(context.Background(), end.Add(-time.Minute)) // before that of all tests, so that Node's complaint is seen
	node := exec.CommandContext(ctx, "node", "../web/clienttest/orders.mjs", strconv.Itoa(longest))
	var complaint bytes.Buffer
	node.Stderr = &complaint
	out, err := node.StdoutPipe()
	if err == nil {
		err = node.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer stop()
		if t.Failed() {
			stop() // Node has lines that nothing reads
		}
		if err := node.Wait(); err != nil && (complaint.Len() > 0 || !t.Failed()) {
			t.Errorf("node: %v\n%s", err, &complaint)
		}
	})
	return json.NewDecoder(out)
}

func namesOf(order []answer) (names []string) {
	for _, a := range order {
		names = append(names, a.Name)
	}
	return names
}

// faultOf returns what contradicts the table in what a program and its server have seen.
func (p *orderUser) faultOf(order []answer, seen *program) string {
	wakes := 0
	for _, event := range p.Events {
		if event.Do == "wake" {
			wakes++
		}
	}
	if want := len(p.Events) - wakes; len(seen.settled) != want {
		return fmt.Sprintf("%d of %d messages and subscriptions are settled", len(seen.settled), want)
	}
	if seen.most > 1 {
		return fmt.Sprintf("there were %d sockets at once", seen.most)
	}
	last, fault := seen.waits(order)
	attempts, state, closed := len(order)+1, Open, p.closes(order[len(order)-1])
	if closed != "" {
		attempts, state = len(order), Closed
	}
	if fault == "" && (len(seen.requests) != attempts || last["state"] != string(state) || last["why"] != closed) {
		fault = fmt.Sprintf("%d attempts, and at last %v: want %d, and %s %s", len(seen.requests), last, attempts, state, closed)
	}
	return fault
}

// waits compares the times between attempts with those that the server has named. It returns the last state, too.
func (p *program) waits(order []answer) (last map[string]any, fault string) {
	ended := 0 // attempts
	for _, event := range p.got {
		if event["state"] == nil {
			continue
		}
		begins := event["state"] == string(Waiting) && last["state"] != string(Waiting) // a wait may also become shorter
		if last = event; !begins || event["why"] == "token" {
			continue
		}
		if ended >= len(order) || ended+1 >= len(p.requests) {
			return last, "the client waits although there is no further attempt"
		}
		wait, named := p.requests[ended+1]["at"].(float64)-event["at"].(float64), order[ended].Named
		if wait < named || named > 0 && wait > named+0.9 {
			return last, fmt.Sprintf("the server named %v s, and the client came after %v s", named, wait)
		}
		ended++
	}
	return last, ""
}

// trace writes down all that the program and the server have seen. orders.mjs writes the same lines.
func (p *program) trace() (lines []string) {
	line := func(at any, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("%.2f "+format, append([]any{at}, args...)...))
	}
	for _, event := range p.got {
		lines = append(lines, traceOf(event))
	}
	for _, r := range p.requests {
		line(r["at"], "request token=%s resume=%s", r["token"], r["resume"])
	}
	for _, why := range p.tokens {
		lines = append(lines, "token "+why)
	}
	for _, s := range p.sent {
		line(s["at"], "sent %s on %v", s["message"].(map[string]any)["message_type"], s["connection"])
	}
	settled := len(lines)
	for _, s := range p.settled {
		code, failed := s["code"]
		if !failed {
			code = "ack"
		}
		line(s["at"], "settled %s %s", s["name"], code)
	}
	slices.Sort(lines[settled:])
	return lines
}

func traceOf(event map[string]any) string {
	part := func(name string) map[string]any { m, _ := event[name].(map[string]any); return m }
	at := fmt.Sprintf("%.2f ", event["at"])
	if m := part("message"); m != nil {
		return at + fmt.Sprintf("message %s", m["id"])
	}
	if g := part("gap"); g != nil {
		return at + fmt.Sprintf("gap %s %s %v %v", g["channel"], g["topic"], g["from"], g["to"])
	}
	if r := part("resumed"); r != nil {
		return at + fmt.Sprintf("resumed %s %t %v %s %.2f", r["topic"], r["resumed"], r["missed"], r["reason"], r["away"])
	}
	if e := part("error"); e != nil {
		return at + fmt.Sprintf("error %s %s", e["code"], e["topic"])
	}
	until := ""
	if event["until"] != nil {
		until = fmt.Sprintf("%.2f", event["until"])
	}
	return at + fmt.Sprintf("%s %s %s", event["state"], event["why"], until)
}

// The codes of docs/PROTOCOL.md are rows of tables: of refusals, "| 503 | `full`, `busy` | when |"; of tokens, "| `token_missing` | when |",
// which are refused with 401; and of closes, "| 1002, 1007 | when | reconnect? |".
var (
	refusalRow = regexp.MustCompile("(?m)^\\| (\\d{3}) \\| (`.*?) \\|")
	tokenRow   = regexp.MustCompile("(?m)^\\| (`token_.*?) \\|")
	closeRow   = regexp.MustCompile(`(?m)^\| (\d{4}(?:, \d{4})*) \|.*\|.*\|$`)
	codeName   = regexp.MustCompile("`([a-z_]+)`")
)

func TestTheOrdersHaveEveryCodeOfTheProtocol(t *testing.T) {
	text, err := os.ReadFile("../docs/PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, row := range refusalRow.FindAllStringSubmatch(string(text), -1) {
		for _, code := range codeName.FindAllStringSubmatch(row[2], -1) {
			want = append(want, row[1]+" "+code[1])
		}
	}
	_, tokens, _ := strings.Cut(string(text), "\n### Tokens\n")
	tokens, _, _ = strings.Cut(tokens, "\n### ")
	for _, row := range tokenRow.FindAllStringSubmatch(tokens, -1) {
		for _, code := range codeName.FindAllStringSubmatch(row[1], -1) {
			want = append(want, "401 "+code[1])
		}
	}
	for _, row := range closeRow.FindAllStringSubmatch(string(text), -1) {
		want = append(want, strings.Split(row[1], ", ")...)
	}
	const fewest = 45 // codes, of which some may go
	if len(want) < fewest {
		t.Errorf("found %d codes in PROTOCOL.md, fewer than %d: %q", len(want), fewest, want)
	}
	had := make(map[string]bool)
	for _, a := range readOrders(t).Answers {
		if a.Does.Refuse != nil {
			had[fmt.Sprint(a.Does.Refuse.Status, " ", a.Does.Refuse.Code)] = true
		} else if o := a.Does.Open; o != nil && o.End != nil && o.End.Close != nil {
			had[fmt.Sprint(o.End.Close.Code)] = true
		}
	}
	for _, code := range want {
		if !had[code] {
			t.Errorf("no answer has %s", code)
		}
	}
}
