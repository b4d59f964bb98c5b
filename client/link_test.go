package client

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// pair returns a link, and the server's end of its connection.
func pair(t *testing.T, early string, ask func()) (*link, net.Conn) {
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	return newLink(ours, []byte(early), 1<<20, time.Minute, ask), theirs
}

func TestEarlyBytesComeFirst(t *testing.T) {
	l, server := pair(t, "\x81\x03on", nil)
	long := bytes.Repeat([]byte("x"), 3*readBytes)
	go func() { _, _ = server.Write(append([]byte("e"), plainFrame(opText, long)...)) }()
	for _, want := range []string{"one", string(long)} {
		if _, payload, err := l.frames.next(); string(payload) != want || err != nil {
			t.Fatalf("%.20q, %v; want %.20q", payload, err, want)
		}
	}
}

func TestSilenceIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, asked := time.Now(), []time.Duration(nil)
		l, server := pair(t, "", func() { asked = append(asked, time.Since(start)) })
		go func() {
			<-time.After(10 * time.Second)
			_, _ = server.Write([]byte("\x81")) // also a part of a frame is a sign of life
		}()
		l.watch()
		if _, _, err := l.frames.next(); !errors.Is(err, errSilent) || time.Since(start) != 75*time.Second || len(asked) != 1 || asked[0] != 70*time.Second {
			t.Error(err, time.Since(start), asked)
		}
	})
}

func TestALinkThatLeavesDoesNotAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		l, server := pair(t, "", func() { t.Error("asked") })
		l.watch()
		l.leave(codeNormal, "")
		l.leave(codeNormal, "")
		go func() { _, _ = io.Copy(io.Discard, server) }()
		if _, _, err := l.frames.next(); !errors.Is(err, errSilent) || time.Since(start) != goodbyeTimeout {
			t.Error(err, time.Since(start))
		}
		l.conn.Close()
	})
}
