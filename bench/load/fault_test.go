package load

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
)

// Each case is sent by the server on its one connection after the first message.
func TestViolationsAreCountedByKindAndCloseTheConnection(t *testing.T) {
	text := func(payload string) string { return string(fromServer(0x81, payload)) }
	closing := func(payload string) string { return string(fromServer(0x88, payload)) }
	for name, c := range map[string]struct {
		frames string
		want   *fault
	}{
		"a reserved bit":         {"\xc1\x00", reservedBits},
		"a reserved opcode":      {"\x83\x00", reservedOpcode},
		"a masked frame":         {"\x81\x80\x00\x00\x00\x00", maskedFrame},
		"a length too long":      {"\x81\x7e\x00\x01x", longLength},
		"a fragmented ping":      {"\x09\x00", fragmentedControl},
		"a continuation":         {"\x80\x00", strayContinuation},
		"text that is not UTF-8": {text("\xff"), invalidText},
		"cut between fragments":  {"\x01\x01\xc3" + "\x80\x01\x28", invalidText},
		"a character in two":     {"\x01\x01\xc3" + "\x80\x01\xbc" + text("\xc3"), invalidText},
		"a short close":          {closing("\x03"), shortClose},
		"close code 0":           {closing("\x00\x00"), wrongCloseCode},
		"close code 1005":        {closing("\x03\xed"), wrongCloseCode},
		"close code 1006":        {closing("\x03\xee"), wrongCloseCode},
		"close code 1015":        {closing("\x03\xf7"), wrongCloseCode},
		"a reason that is not":   {closing("\x03\xe8\xff"), invalidReason},
		"more than 1 MiB":        {"\x81\x7f\x00\x00\x00\x00\x00\x10\x00\x01", tooLong},
		"text after the close":   {closing("\x03\xe8") + text("x"), dataAfterClose},
	} {
		s := &rawServer{answer: accepting, frames: c.frames}
		p := serving(t, s.handle)
		p.Messages = 3
		r := measure(t, p, Throughput)
		r.wantMetric(t, "dropped", 1)
		problem := fmt.Sprintf("1 times the server violated RFC 6455: %s", c.want.kind)
		if c.want.tolerated {
			r.wantMetric(t, "violations", 0)
			if len(r.Violations) > 0 || r.Dropped[c.want.kind] != 1 {
				t.Errorf("%s: violations %v, dropped %v", name, r.Violations, r.Dropped)
			}
		} else if r.wantMetric(t, "violations", 1); r.Violations[c.want.kind] != 1 || !slices.Contains(r.Problems, problem) {
			t.Errorf("%s: violations %v, problems %q", name, r.Violations, r.Problems)
		}
		wantClose(t, name, s, c.want)
	}
}

// wantClose fails the test unless the client has sent one close frame, with the code of the fault. If the server closed
// first, its close frame was answered before the fault.
func wantClose(t *testing.T, name string, s *rawServer, bad *fault) {
	t.Helper()
	s.serving.Wait()
	code := bad.code
	if bad == dataAfterClose {
		code = closeNormal
	}
	if len(s.closes) != 1 || len(s.closes[0]) != 2 || binary.BigEndian.Uint16(s.closes[0]) != code {
		t.Errorf("%s: close frames % x, want one with %d", name, s.closes, code)
	}
}
