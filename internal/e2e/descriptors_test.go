package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestDescriptorExhaustion gives a server 256 descriptors and dials it 2,000 times at once. Every connection is answered or
// closed, those above the limit read 503 with Retry-After, and afterwards the server serves as before.
func TestDescriptorExhaustion(t *testing.T) {
	p := start(t, []string{"JWT_SECRET=" + testSecret, "PORT=0", "ADMIN_ADDR=127.0.0.1:0", "LOG_FORMAT=json", "BIN=" + bin},
		"/bin/sh", "-c", `ulimit -n 256; exec "$BIN/momentum" serve`)
	s := locate(p)

	const dials = 2000
	var refused, cut, waiting atomic.Int64
	var all sync.WaitGroup
	held := make(chan net.Conn, dials)
	for range dials {
		all.Go(func() {
			c, err := net.Dial("tcp", s.ws)
			if err != nil {
				cut.Add(1)
				return
			}
			held <- c
			_ = c.SetReadDeadline(time.Now().Add(3 * time.Second))
			response, err := http.ReadResponse(bufio.NewReader(c), nil)
			switch {
			case err == nil && response.StatusCode == 503 && response.Header.Get("Retry-After") != "":
				refused.Add(1)
			case err == nil && response.StatusCode == 408, isTimeout(err):
				waiting.Add(1) // it has a place, and sends no request
			default:
				cut.Add(1)
			}
		})
	}
	all.Wait()
	t.Logf("of %d dials: %d read 503, %d held a place, %d were cut without an answer", dials, refused.Load(), waiting.Load(), cut.Load())
	if refused.Load() < dials/2 {
		t.Errorf("only %d of %d read the 503", refused.Load(), dials)
	}
	if waiting.Load() == 0 {
		t.Error("no connection held a place")
	}
	close(held)
	for c := range held {
		c.Close()
	}

	alice, bob := s.chatter(t, "alice"), s.chatter(t, "bob")
	bob.say("ping")
	bob.expect("pong")
	alice.say("text still serving")
	bob.expect("still serving")
	if strings.Contains(s.text(), `"level":"ERROR"`) {
		t.Error("the server logged an error")
	}
}

func isTimeout(err error) bool {
	if err == io.EOF {
		return false
	}
	failure, ok := err.(net.Error)
	return ok && failure.Timeout()
}
