package client

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

func TestFramesAreWrittenInTheirOrder(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	w := writer{conn: ours}
	for i := range 100 {
		if err := w.write(opText, fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	go w.finish(closePayload(codeNormal, ""))
	for i := range 100 {
		if _, payload, err := readMasked(theirs); string(payload) != fmt.Sprint(i) {
			t.Fatalf("%q, %v; want %d", payload, err, i)
		}
	}
	if op, _, err := readMasked(theirs); op != opClose || err != nil {
		t.Error(op, err)
	}
	if _, err := theirs.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Error("the connection is still open:", err)
	}
}

func TestAWriteAfterTheGoodbyeFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		w := writer{conn: ours}
		w.finish(nil)
		for range 2 {
			_ = w.write(opPong, nil)
			synctest.Wait()
		}
		if err := w.write(opPong, nil); !errors.Is(err, io.ErrClosedPipe) {
			t.Error(err)
		}
	})
}

func TestAServerThatDoesNotReadIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		w := writer{conn: ours}
		start := time.Now()
		if err := w.write(opText, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := ours.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) || time.Since(start) != writeTimeout {
			t.Error(err, time.Since(start))
		}
		synctest.Wait()
		if err := w.write(opText, nil); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("a write after the end:", err)
		}
	})
}

func TestAGoodbyeTakesASecondAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		start := time.Now()
		w := writer{conn: ours}
		w.finish(nil)
		if time.Since(start) != goodbyeTimeout {
			t.Error(time.Since(start))
		}
	})
}

func TestTheBacklogIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the write must not time out on a slow machine
		ours, theirs := net.Pipe()
		defer theirs.Close()
		w := writer{conn: ours}
		var err error
		for range 2 * maxPendingBytes >> 20 {
			if err = w.write(opText, make([]byte, 1<<20)); err != nil {
				break
			}
		}
		if !errors.Is(err, errBacklog) {
			t.Error(err)
		}
	})
}
