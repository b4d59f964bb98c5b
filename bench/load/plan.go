package load

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Test is what is tried.
type Test string

// The tests. All stands for the three others, one after the other.
const (
	Storm      Test = "storm"      // everybody connects at once
	Throughput Test = "throughput" // each connection sends its messages
	Sustained  Test = "sustained"  // the connections stay and keep talking
	All        Test = "all"
)

// Fanout says who receives a message.
type Fanout string

const (
	// Partner addresses each message to the next user, so that N connections with M messages make N×M deliveries.
	Partner Fanout = "partner"
	// Everybody addresses none, so that each goes to all others: N×M messages make N×(N-1)×M deliveries.
	Everybody Fanout = "all"
)

// Bounds of what a run may take. Counters and times are far from their ends at them, and a mistyped flag is told.
const (
	maxSeconds  = 24 * 60 * 60 // of any phase
	maxMessages = 1_000_000    // of each connection
	maxInterval = 60 * 60 * 1000
)

// maxEverybody bounds the connections with Everybody. Each pair of them has 16 bytes to tell loss from disorder by,
// which makes 64 MB, and one message each is 4 million deliveries.
const maxEverybody = 2000

// Plan is what a run does. What decides its result is written into the saved file.
type Plan struct {
	Test          Test    `json:"test_type"`
	URL           string  `json:"-"` // it may hold a token
	Connections   int     `json:"connections"`
	Messages      int     `json:"messages"`            // of each connection, in Throughput
	Seconds       int     `json:"duration"`            // of Sustained; the longest that getting in may take, in any
	MaxConcurrent int     `json:"max_concurrent"`      // handshakes under way at once
	IntervalMS    int     `json:"message_interval_ms"` // between two messages of one connection
	ArrivalRate   float64 `json:"arrival_rate"`        // connections a second; 0: all want in at once
	Fanout        Fanout  `json:"fanout"`
	Secret        string  `json:"-"` // tokens are signed with it
	AdminToken    string  `json:"-"` // for /ws/stats; may be empty
	Sources       string  `json:"-"` // addresses of this host to connect from, separated by commas; empty: it chooses
	ServerPID     int     `json:"-"` // 0: not known, no figures of its CPU and memory
	Seed          uint64  `json:"-"` // masks, keys and retry times follow from it
}

// Tests lists what the plan runs, in order.
func (p *Plan) Tests() []Test {
	if p.Test == All {
		return []Test{Storm, Throughput, Sustained}
	}
	return []Test{p.Test}
}

// Validate returns all that is wrong with the plan itself. What this host and the target allow is Prepare's to say.
func (p *Plan) Validate() error {
	var problems []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	refuse(!slices.Contains([]Test{Storm, Throughput, Sustained, All}, p.Test), "--test-type is %q: write storm, throughput, sustained or all", p.Test)
	refuse(p.Connections < 1, "--connections is %d: it takes at least one", p.Connections)
	refuse(p.Messages < 1, "--messages is %d: it takes at least one", p.Messages)
	refuse(p.Messages > maxMessages, "--messages is %d: write up to %d", p.Messages, maxMessages)
	refuse(p.Seconds < 1, "--duration is %d: it takes at least one second", p.Seconds)
	refuse(p.Seconds > maxSeconds, "--duration is %d: write up to %d seconds, which is a day", p.Seconds, maxSeconds)
	refuse(p.MaxConcurrent < 1, "--max-concurrent is %d: it takes at least one", p.MaxConcurrent)
	refuse(p.IntervalMS < 0, "--message-interval is %d: write 0 or more milliseconds", p.IntervalMS)
	refuse(p.IntervalMS > maxInterval, "--message-interval is %d: write up to %d milliseconds, which is an hour", p.IntervalMS, maxInterval)
	refuse(slices.Contains(p.Tests(), Throughput) && p.Messages*p.IntervalMS/1000 > maxSeconds,
		"--messages %d at a --message-interval of %d ms take longer than a day", p.Messages, p.IntervalMS)
	refuse(p.IntervalMS == 0 && slices.Contains(p.Tests(), Sustained), "--message-interval is 0, and a sustained test needs a rate: write 1 or more milliseconds")
	refuse(!(p.ArrivalRate >= 0) || math.IsInf(p.ArrivalRate, 0), "--arrival-rate is %v: write a number of connections a second, or 0 for all at once", p.ArrivalRate)
	refuse(p.ArrivalRate > 0 && float64(p.Connections-1)/p.ArrivalRate > float64(p.Seconds),
		"--connections %d do not arrive within the --duration of %d s at an --arrival-rate of %v", p.Connections, p.Seconds, p.ArrivalRate)
	refuse(p.ServerPID < 0, "--server-pid is %d: it is a process's number", p.ServerPID)
	refuse(p.Fanout != Partner && p.Fanout != Everybody, "--fanout is %q: write partner or all", p.Fanout)
	refuse(p.Fanout == Everybody && p.Connections > maxEverybody, "--fanout all goes up to %d connections (%d messages to each other are %d deliveries): use --fanout partner",
		maxEverybody, p.Connections, p.Connections*(p.Connections-1))
	refuse(p.Secret == "", "there is no secret to sign tokens with: set JWT_SECRET, or --jwt-secret, to the server's")
	return errors.Join(problems...)
}

// Same says whether results of the two plans can be compared, and if not, in what they differ.
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
