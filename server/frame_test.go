package server

import (
	"bytes"
	"compress/flate"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
)

func TestAFrameHasItsNumberAtTheEnd(t *testing.T) {
	f := framer{compressing: new(atomic.Int64)}
	for seq, want := range map[uint64]string{0: `{"a":1}`, 7: `{"a":1,"seq":7}`} {
		f.json = append(f.json[:0], `{"a":1`...)
		f.compress()
		cut := f.finish(seq)
		if cut != len(f.body) || string(f.body[2:]) != want || int(f.body[1]) != len(want) {
			t.Errorf("number %d: %q, cut at %d", seq, f.body, cut)
		}
	}
}

func TestAFrameIsCompressedIfAClientTakesItAndItIsLong(t *testing.T) {
	long := `{"data":"` + strings.Repeat("x", compressFrom) + `"`
	for _, tt := range []struct {
		json       string
		takers     int64
		compressed bool
	}{{long, 1, true}, {long, 0, false}, {long[:compressFrom-1], 1, false}} {
		f := framer{compressing: new(atomic.Int64), json: []byte(tt.json)}
		f.compressing.Store(tt.takers)
		f.compress()
		cut := f.finish(12)
		if (cut < len(f.body)) != tt.compressed {
			t.Errorf("%d bytes for %d clients: %d bytes of the frame are compressed", len(tt.json), tt.takers, len(f.body)-cut)
		}
		if !tt.compressed {
			continue
		}
		deflated := append(bytes.Clone(f.body[cut+2:]), 0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff)
		inflated, err := io.ReadAll(flate.NewReader(bytes.NewReader(deflated)))
		if want := tt.json + `,"seq":12}`; err != nil || string(inflated) != want {
			t.Errorf("the compressed frame has %q, %v", inflated, err)
		}
	}
}

func TestTheMetaOfAFrameKeepsItsFields(t *testing.T) {
	m := frameMeta{but: uuid.UUID{0: 1, 7: 2, 8: 3, 15: 4}, cut: 1<<31 - 1, at: 1<<32 - 1, seq: 1<<64 - 1}
	words := m.encode()
	if got := decodeFrameMeta(&words); got != m {
		t.Errorf("%+v, want %+v", got, m)
	}
}
