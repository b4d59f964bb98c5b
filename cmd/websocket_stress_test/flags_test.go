package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"momentum/bench/load"
)

func decode(t *testing.T, text []byte) *load.Record {
	t.Helper()
	var r load.Record
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// awaitConnections waits until the server has that many connections.
func awaitConnections(t *testing.T, n *node, want int) {
	t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(patience)
	for {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("not %d connections within %v", want, patience)
		}
		answer, err := http.Get(strings.Replace(n.url, "ws", "http", 1) + "/stats")
		if err != nil {
			continue
		}
		var stats struct {
			Total int `json:"total_connections"`
		}
		err = json.NewDecoder(answer.Body).Decode(&stats)
		answer.Body.Close()
		if err == nil && stats.Total == want {
			return
		}
	}
}

func TestFlagsAndDefaults(t *testing.T) {
	t.Setenv("JWT_SECRET", "s")
	f, err := parseFlags([]string{"--test-type", "all", "--url", "ws://h:1/ws", "--connections", "7", "--messages", "8", "--duration", "9",
		"--max-concurrent", "10", "--message-interval", "11"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	o, err := f.task(0)
	if err != nil {
		t.Fatal(err)
	}
	want := load.Plan{Test: load.All, URL: "ws://h:1/ws", Connections: 7, Messages: 8, Seconds: 9, MaxConcurrent: 10, IntervalMS: 11, Fanout: load.Partner, Secret: "s"}
	if o.plan != want {
		t.Errorf("%+v", o.plan)
	}
	f, err = parseFlags(nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	o, err = f.task(0)
	want = load.Plan{Test: load.Storm, URL: "ws://127.0.0.1:8000/ws", Connections: 100, Messages: 10, Seconds: 60, MaxConcurrent: 50, IntervalMS: 100, Fanout: load.Partner, Secret: "s"}
	if err != nil || o.plan != want || o.repeat != 1 {
		t.Errorf("%+v %v", o, err)
	}
}

func TestWrongUsageIsExplained(t *testing.T) {
	t.Setenv("JWT_SECRET", "")
	good := []string{"--jwt-secret", "s"}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no secret":             {nil, "set JWT_SECRET"},
		"unknown flag":          {append(good, "--connection", "5"), "--help lists the flags"},
		"unknown test":          {append(good, "--test-type", "hurricane"), "write storm, throughput, sustained or all"},
		"no connections":        {append(good, "--connections", "0"), "at least one"},
		"too many":              {append(good, "--connections", "1073741824"), "does not fit"},
		"too many for all":      {append(good, "--connections", "2001", "--fanout", "all"), "use --fanout partner"},
		"no rate":               {append(good, "--test-type", "sustained", "--message-interval", "0"), "needs a rate"},
		"TLS":                   {append(good, "--url", "wss://127.0.0.1/ws"), "ws:// only"},
		"no URL":                {append(good, "--url", "127.0.0.1:8000"), "must look like"},
		"no condition":          {append(good, "--slo", "fast"), "is not a condition"},
		"no such metric":        {append(good, "--slo", "lost=0;speed>9"), "no metric speed"},
		"no such baseline":      {append(good, "--baseline", "nowhere.json"), "nowhere.json"},
		"a run too few":         {append(good, "--repeat=-1"), "must be at least 1"},
		"no run":                {append(good, "--repeat", "0"), "must be at least 1"},
		"runs for days":         {append(good, "--repeat", "101"), "at most 100"},
		"no such directory":     {append(good, "--json", "/nowhere/x.json"), "/nowhere"},
		"nor for the page":      {append(good, "--report", "/nowhere/x.html"), "/nowhere"},
		"a directory":           {append(good, "--json", os.TempDir()), "is a directory"},
		"two outputs, one file": {append(good, "--json", "-", "--report", "-"), "--json and --report are both -"},
		"a hexadecimal number":  {append(good, "--connections", "0x64"), "not a whole number"},
		"no such process":       {append(good, "--server-pid", "1073741824"), "--server-pid"},
		"a foreign source":      {append(good, "--source", "192.0.2.1"), "--source 192.0.2.1 is not an address of this host"},
		"nothing measures it":   {append(good, "--slo", "delivery_p99<1ms"), "none of the requested tests"},
		"nothing to guard":      {append(good, "--slo", ";"), "check nothing"},
		"no number":             {append(good, "--arrival-rate", "NaN"), "--arrival-rate is NaN"},
		"everything at once 1":  {[]string{"--connections", "0", "--messages", "0"}, "--messages is 0"},
		"everything at once 2":  {[]string{"--connections", "0", "--messages", "0"}, "--connections is 0"},
	} {
		var out, err bytes.Buffer
		if code := run(t.Context(), c.args, &out, &err); code != exitUsage || !strings.Contains(err.String(), c.says) {
			t.Errorf("%s: exit code %d, %s", name, code, err.String())
		}
	}
}

func TestAMissingServerIsReportedAtOnce(t *testing.T) {
	var out, err bytes.Buffer
	code := run(t.Context(), []string{"--jwt-secret", "s", "--url", "ws://" + freeAddr(t) + "/ws"}, &out, &err)
	if code != exitFailed || !strings.Contains(err.String(), "Failed to connect") {
		t.Errorf("exit code %d, %s", code, err.String())
	}
}

func TestNumbersInFlagsAreDecimal(t *testing.T) {
	f, err := parseFlags([]string{"--jwt-secret", "s", "--connections", "0100", "--messages=010", "--repeat", "05"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := f.task(0); err != nil || o.plan.Connections != 100 || o.plan.Messages != 10 || o.repeat != 5 {
		t.Errorf("%+v %v", o, err)
	}
}

func TestHelpExplainsTheCostOfFanout(t *testing.T) {
	var out bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, &out, &out); code != exitOK || !strings.Contains(out.String(), "N×(N-1)×M") {
		t.Errorf("exit code %d, %s", code, out.String())
	}
}

// The baseline is changed to be much better than the server, so that the comparison fails.
func TestBaselineAndConditionsDecideTheExitCode(t *testing.T) {
	n, directory := serve(t), t.TempDir()
	baseline, page := filepath.Join(directory, "baseline.json"), filepath.Join(directory, "page.html")
	args := []string{"--test-type", "throughput", "--connections", "10", "--messages", "5", "--message-interval", "10"}
	o := n.stress(t, append(args, "--repeat", "5", "--report", page, "--slo", "lost=0", "--slo", "throughput.delivery_p50<30s;")...)
	if o.wantSuccess(t); !strings.Contains(o.out, "throughput.delivery_p50<30s  throughput: ") {
		t.Errorf("no verdict:\n%s", o.out)
	}
	if text, err := os.ReadFile(page); err != nil || !bytes.Contains(text, []byte("<svg")) {
		t.Errorf("no page: %v", err)
	}
	for _, r := range o.record.Groups[0].Runs {
		r.Invalid = nil
		for i := range r.Metrics { // better than any server
			if r.Metrics[i].Name == "handshakes_per_second" {
				r.Metrics[i].Value = 1e9
			}
		}
	}
	if err := o.record.Save(baseline, nil); err != nil {
		t.Fatal(err)
	}
	if o := n.stress(t, append(args, "--baseline", baseline)...); o.code == exitOK || !strings.Contains(o.out, "REGRESSED") || len(o.record.Groups[0].Runs) != 5 {
		t.Errorf("exit code %d\n%s", o.code, o.out)
	}
	if o := n.stress(t, append(args, "--slo", "sent>1000000")...); o.code == exitOK || !strings.Contains(o.out, "FAILED") {
		t.Errorf("exit code %d\n%s", o.code, o.out)
	}
	for says, more := range map[string][]string{
		"--test-type is storm and was throughput": {"--baseline", baseline},
		"at least 5 on each side":                 append(args, "--baseline", baseline, "--repeat", "4"),
		"give --server-pid":                       append(args, "--baseline", baseline, "--server-pid", "0"),
	} {
		if o := n.stress(t, more...); o.code != exitUsage || !strings.Contains(o.err, says) {
			t.Errorf("%s: exit code %d\n%s", says, o.code, o.err)
		}
	}
}

func TestAnInterruptBeforeTheFirstRunIsExitCode130(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, err bytes.Buffer
	if code := run(ctx, []string{"--jwt-secret", "s", "--url", "ws://" + freeAddr(t) + "/ws"}, &out, &err); code != exitInterrupted {
		t.Errorf("exit code %d, %s", code, err.String())
	}
}

func TestVersionIsPrintedAndNothingElseIsDone(t *testing.T) {
	var out, complaints bytes.Buffer
	if code := run(t.Context(), []string{"--version", "--connections=-1"}, &out, &complaints); code != exitOK || !strings.HasPrefix(out.String(), "websocket_stress_test ") {
		t.Errorf("code %d: %s%s", code, &out, &complaints)
	}
}
