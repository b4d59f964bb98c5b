package view

import (
	"encoding/json"
	"testing"
	"time"
	"unsafe"

	"momentum/server/reason"
	"momentum/server/storm"
)

func TestTheHistoryIsBounded(t *testing.T) {
	const most = 160 << 10 // docs/OPERATIONS.md
	if size := unsafe.Sizeof(past{}); size > most {
		t.Errorf("it takes %d bytes, more than %d", size, most)
	}
}

func TestTheHistoryHasTheLastFifteenMinutes(t *testing.T) {
	var p past
	for i := range pastSteps + 10 {
		r := row{at: time.Duration(i) * time.Second, live: uint32(i), p99: unknown, lag: 2.5, state: storm.Calm}
		if i >= 500 {
			r.state = storm.Storm
		}
		r.refused[reason.RefusedBusy] = float32(i % 2)
		p.add(r)
	}
	h := p.history(time.Time{})
	if len(h.Seconds) != pastSteps || h.Seconds[0] != 10 || h.Live[0] != 10 || h.Live[pastSteps-1] != pastSteps+9 {
		t.Errorf("%d rows, from %v s on", len(h.Seconds), h.Seconds[0])
	}
	if h.P99[0] != nil || *h.Lag[0] != 2.5 || len(h.P99) != pastSteps {
		t.Errorf("p99 %v, lag %v", h.P99[0], h.Lag[0])
	}
	if len(h.Refused) != 1 || len(h.Refused["busy"]) != pastSteps || h.Refused["busy"][1] != 1 {
		t.Errorf("refused: %d reasons", len(h.Refused))
	}
	if len(h.States) != 2 || h.States[0] != (Change{10, storm.Calm}) || h.States[1] != (Change{500, storm.Storm}) {
		t.Errorf("the states are %v", h.States)
	}
}

func TestAnEmptyHistoryHasNoNulls(t *testing.T) {
	var p past
	text, err := json.Marshal(p.history(time.Time{}))
	if err != nil {
		t.Fatal(err)
	}
	var columns map[string]json.RawMessage
	if err := json.Unmarshal(text, &columns); err != nil {
		t.Fatal(err)
	}
	for name, column := range columns {
		if string(column) == "null" {
			t.Errorf("%s is null", name)
		}
	}
}
