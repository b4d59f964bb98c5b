package top

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"momentum/server/host"
	"momentum/server/storm"
	"momentum/server/view"
)

var update = flag.Bool("update", false, "write the golden screens")

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// sample returns a view of a node at rest.
func sample() *view.View {
	half, low, high, over := 0.42, 1.25, 9.5, 12.0
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return &view.View{
		At: at, Node: view.Node{Name: "one", Version: "1.2.3", Started: at.Add(-90 * time.Minute)}, Users: 9000,
		Connections: host.Level{Now: 15000, Highest: 15200, Limit: 20000},
		Storm:       storm.Report{State: storm.Calm, Seconds: 60, Arrivals: 3, Admissions: 3, Over: &over, Everybody: 7.5},
		Handshake:   view.Quantiles{P50: &low, P99: &high}, Rates: view.Rates{Deliveries: 12345, BytesOut: 2 << 20, BytesIn: 900},
		Reactors: []view.Reactor{{Processor: &half, Lag: &low, Mailbox: 2048}, {}},
		Closes:   []view.Close{{Reason: "timeout", Count: 2}, {Reason: "gone", Count: 30}},
		Bus:      "healthy", Health: []byte(`{"status":"ok","parts":{"directory":"ok"}}`),
	}
}

func rows() []Row {
	all := []Row{{Username: "alice", Address: "203.0.113.9"}, {UserID: "42", Ended: "slow"}, {Username: "m\x1b[2Jallory", Address: "203.0.113.10"}}
	all[0].Window.Out, all[0].Window.Queue = 123456, 4096
	all[1].Window.Out, all[1].Window.In = 999, 5
	all[2].Window.Refused = 7
	return all
}

// storming returns a model in a storm, with many reactors.
func storming() Model {
	v := sample()
	v.Storm.State, v.Storm.Arrivals, v.Storm.Admissions, v.Storm.Missing = storm.Storm, 5000, 800, 9600
	v.Storm.Refusals = map[string]float64{"handshake_rate": 4200, "full": 0.5}
	v.Reactors = make([]view.Reactor, 64)
	return New().Seen(v, v.At).Listed("bytes_out", 10, rows())
}

func draining() Model {
	v := sample()
	v.Drain = &view.Drain{Sessions: 15000, Closed: 5000, Remaining: 10000, SecondsLeft: 20}
	return New().Seen(v, v.At)
}

func TestScreensAreAsTheGoldenOnes(t *testing.T) {
	calm := New().Seen(sample(), noon).Listed("bytes_out", 10, rows())
	for name, screen := range map[string]string{
		"calm-80x24": calm.Text(80, 24), "calm-40x24": calm.Text(40, 24), "storm-80x24": storming().Text(80, 24), "drain-80x24": draining().Text(80, 24),
		"lost-80x24": calm.Cut("the node has ended the stream", noon.Add(time.Minute)).Text(80, 24), "none-80x24": New().Cut("no node answers", noon).Text(80, 24),
		"help-80x24": calm.Key("?", "?").Text(80, 24), "minute-80x24": calm.Key("w", "w").Listed("bytes_out", 60, rows()).Text(80, 24), "once": calm.Once(100),
	} {
		file := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(screen+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != screen+"\n" {
			t.Errorf("%s, %v:\n%s", name, err, screen)
		}
	}
}

func TestScreensFitEverySize(t *testing.T) {
	for _, m := range []Model{New(), storming(), draining(), storming().Cut("lost", noon)} {
		for width := 1; width < 100; width += 7 {
			for height := 1; height < 40; height++ {
				lines := strings.Split(m.Text(width, height), "\n")
				for _, line := range lines {
					if len(lines) != height || len([]rune(line)) > width {
						t.Fatalf("at %d×%d: %d lines, %q", width, height, len(lines), line)
					}
				}
			}
		}
	}
}
