package load

import "testing"

func TestAValidCloseCodeIsReturned(t *testing.T) {
	for payload, want := range map[string]string{"": "", "\x03\xf4bye": "\x03\xf4", "\x0f\xa1": "\x0f\xa1"} {
		s := &rawServer{answer: accepting, frames: string(fromServer(0x88, payload))}
		r := measure(t, serving(t, s.handle), Throughput)
		r.wantMetric(t, "violations", 0)
		s.serving.Wait()
		if len(s.closes) != 1 || string(s.closes[0]) != want {
			t.Errorf("%q was answered with % x", payload, s.closes)
		}
	}
}
