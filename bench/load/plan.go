package load

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Test is a kind of test.
type Test string

// The tests. All runs the three other tests, one after the other.
const (
	Storm      Test = "storm"      // all clients connect
	Throughput Test = "throughput" // each connection sends a number of messages
	Sustained  Test = "sustained"  // the connections stay open and keep sending
	All        Test = "all"
)

// Fanout is the set of users that receive a message.
type Fanout string

const (
	// Partner addresses each message to the next user: N connections with M messages make N×M deliveries.
	Partner Fanout = "partner"
	// Everybody addresses no user, so that a message goes to all others: N connections with M messages make N×(N-1)×M
	// deliveries.
	Everybody Fanout = "all"
)

// Bounds of a run. They keep counters and times far from overflow, and catch mistyped flags.
const (
	maxSeconds  = 24 * 60 * 60 // of any stage
	maxMessages = 1_000_000    // of each connection
	maxInterval = 60 * 60 * 1000
)

// maxEverybody bounds the connections with Everybody. Each pair of them takes 16 bytes to account for its messages,
// which is 64 MB in total, and one message each makes 4 million deliveries.
const maxEverybody = 2000

// Plan describes a run. The fields that influence its result are saved with it.
type Plan struct {
	Test          Test    `json:"test_type"`
	URL           string  `json:"-"` // may contain a token
	Connections   int     `json:"connections"`
	Messages      int     `json:"messages"`            // for each connection, in Throughput
	Seconds       int     `json:"duration"`            // how long Sustained lasts, and how long admission may take in any test
	MaxConcurrent int     `json:"max_concurrent"`      // handshakes under way at once
	IntervalMS    int     `json:"message_interval_ms"` // between two messages of one connection
	ArrivalRate   float64 `json:"arrival_rate"`        // clients that arrive in a second; 0: all arrive at once
	Fanout        Fanout  `json:"fanout"`
	Secret        string  `json:"-"` // signs the tokens
	AdminToken    string  `json:"-"` // for /ws/stats; may be empty
	Sources       string  `json:"-"` // addresses of this host to connect from, separated by commas; empty: chosen automatically
	ServerPID     int     `json:"-"` // 0: unknown, no figures of its CPU and memory
	Seed          uint64  `json:"-"` // masks, keys and retry times are derived from it
}

// Tests lists the tests that the plan runs, in order.
func (p *Plan) Tests() []Test {
	if p.Test == All {
		return []Test{Storm, Throughput, Sustained}
	}
	return []Test{p.Test}
}

// Validate returns everything that is wrong with the plan itself. Prepare checks what this host and the server allow.
func (p *Plan) Validate() error {
	var problems []error
	check := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	check(!slices.Contains([]Test{Storm, Throughput, Sustained, All}, p.Test), "--test-type is %q: write storm, throughput, sustained or all", p.Test)
	check(p.Connections < 1, "--connections is %d: it must be at least one", p.Connections)
	check(p.Messages < 1, "--messages is %d: it must be at least one", p.Messages)
	check(p.Messages > maxMessages, "--messages is %d: the maximum is %d", p.Messages, maxMessages)
	check(p.Seconds < 1, "--duration is %d: it must be at least one second", p.Seconds)
	check(p.Seconds > maxSeconds, "--duration is %d: the maximum is %d seconds, which is a day", p.Seconds, maxSeconds)
	check(p.MaxConcurrent < 1, "--max-concurrent is %d: it must be at least one", p.MaxConcurrent)
	check(p.IntervalMS < 0, "--message-interval is %d: write 0 or more milliseconds", p.IntervalMS)
	check(p.IntervalMS > maxInterval, "--message-interval is %d: the maximum is %d milliseconds, which is an hour", p.IntervalMS, maxInterval)
	check(slices.Contains(p.Tests(), Throughput) && p.Messages*p.IntervalMS/1000 > maxSeconds,
		"--messages %d at a --message-interval of %d ms take longer than a day", p.Messages, p.IntervalMS)
	check(p.IntervalMS == 0 && slices.Contains(p.Tests(), Sustained), "--message-interval is 0, and a sustained test needs a rate: write 1 or more milliseconds")
	check(!(p.ArrivalRate >= 0) || math.IsInf(p.ArrivalRate, 0), "--arrival-rate is %v: write a number of connections a second, or 0 for all at once", p.ArrivalRate)
	check(p.ArrivalRate > 0 && float64(p.Connections-1)/p.ArrivalRate > float64(p.Seconds),
		"--connections %d do not arrive within the --duration of %d s at an --arrival-rate of %v", p.Connections, p.Seconds, p.ArrivalRate)
	check(p.ServerPID < 0, "--server-pid is %d: write the number of a process", p.ServerPID)
	check(p.Fanout != Partner && p.Fanout != Everybody, "--fanout is %q: write partner or all", p.Fanout)
	check(p.Fanout == Everybody && p.Connections > maxEverybody, "--fanout all goes up to %d connections (%d messages to each other are %d deliveries): use --fanout partner",
		maxEverybody, p.Connections, p.Connections*(p.Connections-1))
	check(p.Secret == "", "there is no secret to sign tokens with: set JWT_SECRET, or --jwt-secret, to the server's")
	return errors.Join(problems...)
}

// Same returns an error that lists the differences if results of the two plans cannot be compared.
func (p *Plan) Same(other *Plan) error {
	var differ []string
	check := func(name string, ours, theirs any) {
		if ours != theirs {
			differ = append(differ, fmt.Sprintf("--%s is %v and was %v", name, ours, theirs))
		}
	}
	check("test-type", p.Test, other.Test)
	check("connections", p.Connections, other.Connections)
	check("messages", p.Messages, other.Messages)
	check("duration", p.Seconds, other.Seconds)
	check("max-concurrent", p.MaxConcurrent, other.MaxConcurrent)
	check("message-interval", p.IntervalMS, other.IntervalMS)
	check("arrival-rate", p.ArrivalRate, other.ArrivalRate)
	check("fanout", p.Fanout, other.Fanout)
	if len(differ) == 0 {
		return nil
	}
	return errors.New("the baseline was measured with other flags: " + strings.Join(differ, ", "))
}

func (p *Plan) duration() time.Duration { return time.Duration(p.Seconds) * time.Second }
func (p *Plan) interval() time.Duration { return time.Duration(p.IntervalMS) * time.Millisecond }
