package otlp

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"momentum/internal/tracetest"
	"momentum/server/trace"

	"github.com/google/uuid"
)

var (
	start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	user  = uuid.MustParse("99f92b8c-4761-5226-8260-a7816be34219")
)

func after(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }

// admitted is the record of an admission with all its steps, each 10 ms longer than the one before.
func admitted() *trace.Admission {
	a := &trace.Admission{
		ID: [16]byte{15: 1}, Begin: start, Method: "GET", Reactor: 3, Connection: "3/7.1", Address: "192.0.2.7", User: user, Returning: true,
	}
	for i, s := range []trace.Step{trace.Request, trace.Token, trace.Directory, trace.Limiter, trace.Joining} {
		a.Enter(s, after(5*i*(i+1)))
	}
	a.Answer(trace.Admitted, "", 101, after(150))
	a.Leave(a.End)
	return a
}

// refused is the record of an admission that was refused at a step.
func refused(at trace.Step, why string, status int) *trace.Admission {
	a := &trace.Admission{ID: [16]byte{15: 2}, Begin: start, Method: "GET"}
	a.Enter(trace.Request, start)
	a.Enter(trace.Token, after(1))
	a.Enter(at, after(2))
	a.Answer(trace.Refused, why, status, after(9))
	a.Leave(a.End)
	return a
}

// sent returns the spans that a collector gets of some records, by name.
func sent(t *testing.T, change func(*Options), give func(*Exporter)) map[string]tracetest.Span {
	t.Helper()
	c := tracetest.Start(t)
	e := startExporter(t, c.URL, change)
	give(e)
	if err := e.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := make(map[string]tracetest.Span)
	for _, s := range c.Spans() {
		all[s.Name] = s
	}
	return all
}

func TestTheSpansOfAnAdmission(t *testing.T) {
	all := sent(t, nil, func(e *Exporter) { e.Admission(admitted()) })
	whole := all["admission"]
	if whole.Trace != "00000000000000000000000000000001" || whole.Parent != "" || whole.Kind != "server" || whole.Failed || whole.Begin.UTC() != start || whole.Took() != 150*time.Millisecond {
		t.Errorf("%+v", whole)
	}
	want := map[string]string{
		"http.request.method": "GET", "http.route": "/ws", "http.response.status_code": "101", "client.address": "192.0.2.7", "user.id": user.String(),
		"momentum.outcome": "admitted", "momentum.connection": "3/7.1", "momentum.reactor": "3", "momentum.returning": "true", "momentum.inquiry": "false",
	}
	if !maps.Equal(whole.Attributes, want) {
		t.Errorf("the attributes are %v", whole.Attributes)
	}
	for name, took := range map[string]int{"request": 10, "token": 20, "directory": 30, "limiter": 40, "joining": 50} {
		if s := all[name]; s.Trace != whole.Trace || s.Parent != whole.ID || s.Kind != "internal" || s.Failed || s.Took() != time.Duration(took)*time.Millisecond {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if len(all) != 6 {
		t.Errorf("%d spans", len(all))
	}
}

func TestTheSpansOfARefusal(t *testing.T) {
	for _, tt := range []struct {
		name   string
		record *trace.Admission
		steps  string
		step   string
		failed bool // the whole
	}{
		{"bad token", refused(trace.Token, "token", 401), "request token", "token", false},
		{"no answer of the directory", refused(trace.Directory, "directory", 503), "directory request token", "directory", true},
		{"the rate limiter", refused(trace.Limiter, "busy", 503), "limiter request token", "limiter", true},
	} {
		all := sent(t, nil, func(e *Exporter) { e.Admission(tt.record) })
		whole, step := all["admission"], all[tt.step]
		delete(all, "admission")
		if got := strings.Join(slices.Sorted(maps.Keys(all)), " "); got != tt.steps {
			t.Errorf("%s: the steps are %s", tt.name, got)
		}
		if whole.Failed != tt.failed || whole.Attributes["momentum.reason"] != tt.record.Reason || whole.Attributes["momentum.outcome"] != "refused" {
			t.Errorf("%s: %+v", tt.name, whole)
		}
		if !step.Failed || step.Message != tt.record.Reason || all["request"].Failed {
			t.Errorf("%s: %+v", tt.name, step)
		}
		for _, absent := range []string{"user.id", "client.address"} {
			if value, has := whole.Attributes[absent]; has {
				t.Errorf("%s: %s is %q", tt.name, absent, value)
			}
		}
	}
}

func TestTheSpansOfAClientThatLeft(t *testing.T) {
	a := refused(trace.Directory, "", 0)
	a.Outcome, a.Reason = trace.Gone, "early"
	all := sent(t, nil, func(e *Exporter) { e.Admission(a) })
	if whole, step := all["admission"], all["directory"]; whole.Failed || step.Failed || whole.Attributes["momentum.outcome"] != "gone" || step.Attributes["momentum.reason"] != "early" {
		t.Errorf("%+v\n%+v", whole, step)
	}
	if status, has := all["admission"].Attributes["http.response.status_code"]; has {
		t.Errorf("it was answered %s", status)
	}
}

func TestAnAdmissionContinuesTheTraceOfAProxy(t *testing.T) {
	all := sent(t, nil, func(e *Exporter) {
		a := e.Sample([]byte(sampled), nil)
		a.Begin, a.End = start, after(1)
		e.Admission(a)
	})
	if whole := all["admission"]; whole.Trace != parentTrace || whole.Parent != parentSpan {
		t.Errorf("%+v", whole)
	}
}
