package otlp

import (
	"encoding/hex"
	"math/rand/v2"
	"testing"
)

const (
	parentTrace = "0af7651916cd43dd8448eb211c80319c"
	parentSpan  = "b7ad6b7169203331"
	sampled     = "00-" + parentTrace + "-" + parentSpan + "-01"
	unsampled   = "00-" + parentTrace + "-" + parentSpan + "-00"
)

func TestParentsAreRead(t *testing.T) {
	for header, want := range map[string]string{sampled: parentTrace + parentSpan, unsampled: parentTrace + parentSpan} {
		id, span, _ := parentOf(header)
		if got := hex.EncodeToString(id[:]) + hex.EncodeToString(span[:]); got != want {
			t.Errorf("%q: %s", header, got)
		}
	}
	for _, header := range []string{"", "x", "00-" + parentTrace, "00-00000000000000000000000000000000-" + parentSpan + "-01", sampled + "-more"} {
		if id, span, _ := parentOf(header); id.IsValid() || span.IsValid() {
			t.Errorf("%q has a parent", header)
		}
	}
}

// TestAParentDecides: a proxy that traces a request wants the whole trace, and nothing of another.
func TestAParentDecides(t *testing.T) {
	for header, want := range map[string]bool{sampled: true, unsampled: false} {
		admissions, _, _ := samplers("", "0.5")
		e, random := &Exporter{admissions: admissions}, rand.New(rand.NewPCG(1, 2))
		for range 100 {
			a := e.Sample([]byte(header), random)
			if (a != nil) != want || a != nil && hex.EncodeToString(a.ID[:])+hex.EncodeToString(a.Parent[:]) != parentTrace+parentSpan {
				t.Fatalf("%q gives %+v", header, a)
			}
		}
	}
}

// TestAnAdmissionThatIsNotTracedAllocatesNothing is about Sample; a test of the server counts the rest of the handshake.
func TestAnAdmissionThatIsNotTracedAllocatesNothing(t *testing.T) {
	admissions, _, _ := samplers("", "0")
	e, random := &Exporter{admissions: admissions}, rand.New(rand.NewPCG(1, 2))
	if n := testing.AllocsPerRun(1000, func() {
		if e.Sample(nil, random) != nil {
			t.Error("it is traced")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSample(b *testing.B) {
	admissions, _, _ := samplers("", "")
	e, random := &Exporter{admissions: admissions}, rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	for b.Loop() {
		e.Sample(nil, random)
	}
}

func TestIDsDiffer(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[string]bool{}
	for range 1000 {
		id, span := newTraceID(random), newSpanID(random)
		seen[hex.EncodeToString(id[:])], seen[hex.EncodeToString(span[:])] = true, true
	}
	if len(seen) != 2000 {
		t.Errorf("%d different ids of 2000", len(seen))
	}
}
