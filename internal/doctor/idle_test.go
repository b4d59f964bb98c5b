package doctor

import (
	"errors"
	"testing"
	"time"
)

func TestFindingsAboutASilence(t *testing.T) {
	for _, tt := range []struct {
		name  string
		s     silence
		level Level
		text  string
	}{
		{"cut", silence{cut: true, longest: 10 * time.Second}, Problem, "timeout tunnel 100s"},
		{"cut, by the node's settings", silence{cut: true, longest: 10 * time.Second}, Problem, "WS_HEARTBEAT_INTERVAL=5"},
		{"pinged", silence{pinged: true, longest: 25 * time.Second}, OK, "may be silent for 25.0 s"},
		{"pinged between messages", silence{pinged: true, longest: 3 * time.Second}, Warning, "since messages came"},
		{"the time is over", silence{longest: 5 * time.Second}, Warning, "measure for longer"},
		{"refused", silence{err: errors.New("403")}, Problem, "403"},
	} {
		expect(t, tt.name, []Finding{silenceFinding(tt.s, 25*time.Second)}, tt.level, tt.text)
	}
}
