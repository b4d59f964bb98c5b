package load

import (
	"math"
	"strings"
	"testing"
)

func TestInvalidPlansAreRefused(t *testing.T) {
	good := Plan{Test: All, Connections: 10, Messages: 10, Seconds: 60, MaxConcurrent: 1, IntervalMS: 100, Fanout: Partner, Secret: "s"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(p *Plan){
		"--messages is 9223372036854775807":   func(p *Plan) { p.Messages = math.MaxInt },
		"--duration is 86401":                 func(p *Plan) { p.Seconds = maxSeconds + 1 },
		"--message-interval is 3600001":       func(p *Plan) { p.IntervalMS = maxInterval + 1 },
		"take longer than a day":              func(p *Plan) { p.Messages, p.IntervalMS = 1_000_000, 1000 },
		"--arrival-rate is NaN":               func(p *Plan) { p.ArrivalRate = math.NaN() },
		"--arrival-rate is +Inf":              func(p *Plan) { p.ArrivalRate = math.Inf(1) },
		"--arrival-rate is -1":                func(p *Plan) { p.ArrivalRate = -1 },
		"do not arrive within the --duration": func(p *Plan) { p.ArrivalRate = .1 },
		"--server-pid is -1":                  func(p *Plan) { p.ServerPID = -1 },
	} {
		p := good
		change(&p)
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
