package logging

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// reader stands for the file and the reader of the log. While its gate is locked it takes nothing; while it is away,
// a write fails.
type reader struct {
	gate sync.Mutex
	away bool
	got  bytes.Buffer
}

func (r *reader) Write(p []byte) (int, error) {
	r.gate.Lock()
	defer r.gate.Unlock()
	if r.away {
		return 0, syscall.EPIPE
	}
	return r.got.Write(p)
}

func countReport(dropped uint64) []byte { return fmt.Appendf(nil, "%d dropped\n", dropped) }

// line is one of 1 KiB.
func line(n int) []byte { return fmt.Appendf(nil, "%1023d\n", n) }

// TestWriteDoesNotWaitForTheReader logs twice as much as the queue holds to a reader that has stopped. When it goes on it
// gets the oldest lines, in order, and after them how many are missing.
func TestWriteDoesNotWaitForTheReader(t *testing.T) {
	const lines = 2 * queueBytes / 1024
	r := new(reader)
	w := newWriter(r, countReport)
	r.gate.Lock()
	for n := range lines {
		if _, err := w.Write(line(n)); err != nil {
			t.Fatal(err)
		}
	}
	dropped := w.Dropped()
	r.gate.Unlock()
	if !w.Close(time.Minute) {
		t.Fatal("the reader goes on, and not all was written")
	}
	got := strings.Split(strings.TrimSuffix(r.got.String(), "\n"), "\n")
	kept := got[:len(got)-1]
	for n, text := range kept {
		if text+"\n" != string(line(n)) {
			t.Fatalf("line %d is %q", n, strings.TrimSpace(text))
		}
	}
	// The Writer had perhaps begun to write the first lines.
	if len(kept) < queueBytes/1024 || len(kept) > lines-1 {
		t.Errorf("%d of %d lines were kept, of which %d fit", len(kept), lines, queueBytes/1024)
	}
	if want := uint64(lines - len(kept)); dropped != want || got[len(kept)] != fmt.Sprint(want, " dropped") {
		t.Errorf("%d lines are missing, %d were counted, and the log says %q", want, dropped, got[len(kept)])
	}
}

// TestWriterSurvivesTheReadersAbsence: lines without a reader are counted, and a later reader gets the count.
func TestWriterSurvivesTheReadersAbsence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{away: true}
		w := newWriter(r, countReport)
		for n := range 3 {
			_, _ = w.Write(line(n))
			synctest.Wait()
		}
		if w.Dropped() != 3 {
			t.Errorf("%d of 3 lines are counted", w.Dropped())
		}
		r.away = false
		_, _ = w.Write([]byte("back\n"))
		synctest.Wait()
		if got := r.got.String(); got != "back\n3 dropped\n" {
			t.Errorf("a reader that comes later gets %q", got)
		}
		if !w.Close(time.Second) {
			t.Error("not all was written")
		}
	})
}

// TestCloseWaitsForTheReaderWithinItsPatience closes the log while its reader has stopped.
func TestCloseWaitsForTheReaderWithinItsPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := make(chan struct{})
		w := NewWriter(writeFunc(func(p []byte) (int, error) {
			<-stopped
			return len(p), nil
		}))
		_, _ = w.Write(line(1))
		began := time.Now()
		if w.Close(time.Second) || time.Since(began) != time.Second {
			t.Errorf("Close has waited for %v of 1 s", time.Since(began))
		}
		_, _ = w.Write(line(2))
		if w.Dropped() != 1 {
			t.Errorf("%d lines after the end are counted as dropped, of 1", w.Dropped())
		}
		close(stopped)
		began = time.Now()
		if !w.Close(time.Second) || time.Since(began) != 0 {
			t.Error("the reader has gone on, and Close waits")
		}
	})
}

type writeFunc func(p []byte) (int, error)

func (f writeFunc) Write(p []byte) (int, error) { return f(p) }
