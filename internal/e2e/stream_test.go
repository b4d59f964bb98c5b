package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stream is a viewer of GET /ws/stream.
type stream struct {
	t      *testing.T
	answer *http.Response
	lines  *bufio.Reader
}

// openStream asks for the stream on one of the two ports.
func openStream(t *testing.T, base string, header ...string) *stream {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", base+"/ws/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, ResponseHeaderTimeout: patience}}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return &stream{t, answer, bufio.NewReaderSize(answer.Body, 1<<20)}
}

// next returns the next event. The test's own timeout bounds the wait.
func (s *stream) next() (name string, data []byte) {
	s.t.Helper()
	for {
		line, err := s.lines.ReadString('\n')
		switch text, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); {
		case err != nil:
			s.t.Fatalf("%q, %v", line, err)
		case text == "event":
			name = value
		case text == "data":
			data = []byte(value)
		case text == "" && name != "":
			return name, data
		}
	}
}

// find returns the data of the next event of a name.
func (s *stream) find(name string) []byte {
	s.t.Helper()
	for {
		if got, data := s.next(); got == name {
			return data
		}
	}
}

// streams reads the first events of a stream, and takes all places of the WebSocket port.
func (d *described) streams(t *testing.T, s *serving) {
	t.Helper()
	for _, base := range []string{"http://" + s.admin, "http://" + s.ws} {
		v := openStream(t, base)
		for _, event := range [][2]string{{"caller", "Caller"}, {"history", "History"}, {"view", "View"}} {
			var value any
			if err := json.Unmarshal(v.find(event[0]), &value); err != nil {
				t.Fatal(err)
			}
			if err := d.doc.Components.Schemas[event[1]].Value.VisitJSON(value); err != nil {
				t.Errorf("the event %s does not match its description: %v", event[0], err)
			}
		}
		d.judge(t, v.answer.Request, v.answer, nil)
	}
	d.check(t, "http://"+s.admin, asked{"GET", "/ws/stream?history=much", "", nil, 400})
	for {
		if v := openStream(t, "http://"+s.ws); v.answer.StatusCode != 200 {
			body, _ := io.ReadAll(v.answer.Body)
			v.answer.Body = io.NopCloser(bytes.NewReader(body))
			d.judge(t, v.answer.Request, v.answer, body)
			return
		}
	}
}

// TestAStreamEndsWithItsReason: after a reload viewers have to show their tokens again, and a node that stops says so at once.
func TestAStreamEndsWithItsReason(t *testing.T) {
	const token = "open sesame"
	s := serve(t, "ADMIN_TOKEN="+token)
	bearer := []string{"Authorization", "Bearer " + token}
	if v := openStream(t, "http://"+s.admin); v.answer.StatusCode != 401 {
		t.Errorf("without a token: %d", v.answer.StatusCode)
	}
	v := openStream(t, "http://"+s.admin, bearer...)
	v.find("view")
	s.signal(syscall.SIGHUP)
	if why := v.find("end"); string(why) != `{"reason":"reloaded"}` {
		t.Errorf("%s", why)
	}
	v = openStream(t, "http://"+s.admin, bearer...)
	v.find("view")
	began := time.Now()
	s.signal(syscall.SIGTERM)
	if why := v.find("end"); string(why) != `{"reason":"stopped"}` {
		t.Errorf("%s", why)
	}
	if code := s.exit(); code != 0 {
		t.Errorf("the node exits with %d", code)
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("a viewer delays the stop by %v", took)
	}
}
