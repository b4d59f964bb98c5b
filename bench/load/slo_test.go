package load

import "testing"

func TestConditionsAreAppliedToMedians(t *testing.T) {
	groups := []Group{{Storm, []*Result{{Metrics: []Metric{
		{"handshake_p99", 250, Milliseconds, Lower}, {"lost", 0, Count, Zero}, {"server_memory_per_connection", 2048, Bytes, Lower},
		{"lost_share", .5, Percent, Zero}, {"handshakes_per_second", 9000, PerSecond, Higher},
		{"server_cpu_per_handshake", 20, Microseconds, Lower},
	}}}}}
	for text, held := range map[string]bool{
		"handshake_p99<250ms": false, "handshake_p99<=250ms": true, "handshake_p99 < 0.3s": true, "handshake_p99<251": true, "storm.handshake_p99<1s": true,
		"lost=0": true, "lost>0": false, "server_memory_per_connection<=2KB": true, "server_memory_per_connection<2000B": false,
		"lost_share<1%": true, "handshakes_per_second>=9000/s": true, "handshakes_per_second>9000": false,
		"throughput.handshake_p99<1s": false, "delivery_p99<1s": false, // not measured
		"server_cpu_per_handshake<30us": true, "server_cpu_per_handshake<0.01ms": false, "server_cpu_per_handshake<21": true,
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if err := CheckConditions([]Condition{c}, &Plan{Test: All, ServerPID: 1}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if v := Evaluate([]Condition{c}, groups); len(v) != 1 || v[0].Held != held {
			t.Errorf("%s: %+v", text, v)
		}
	}
}

func TestInvalidConditionsAreRefused(t *testing.T) {
	for _, text := range []string{"", "handshake_p99", "handshake_p99<", "<250ms", "handshake_p99<250 lightyears", "handshake_p99<1.2.3", "all.lost=0", "handshake_p99==1"} {
		if _, err := ParseCondition(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
	storm, all := Plan{Test: Storm}, Plan{Test: All, ServerPID: 1}
	for text, p := range map[string]*Plan{
		"handshake_p98<1ms": &all, "handshake_p99<3KB": &all, "lost<1ms": &all, "server_cpu<50%": &all, "server_cpu_per_handshake<1KB": &all,
		"storm.delivery_p99<1ms": &all, "throughput.drift_p50<1ms": &all,
		"delivery_p99<1ms": &storm, "throughput.handshake_p99<1ms": &storm, "server_cpu<1": &storm,
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if CheckConditions([]Condition{c}, p) == nil {
			t.Errorf("%s: %q is accepted", p.Test, text)
		}
	}
}
