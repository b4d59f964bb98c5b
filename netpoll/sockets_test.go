package netpoll

import "testing"

func TestSocketsSayByHowManyTheLimitIsExceeded(t *testing.T) {
	s := sockets{limit: 2}
	for i, want := range []int64{0, 0, 1, 2} {
		if above := s.enter(); above != want {
			t.Errorf("socket %d is %d above the limit, want %d", i+1, above, want)
		}
	}
	s.leave()
	s.leave()
	s.leave()
	if above := s.enter(); above != 0 || s.open.Load() != 2 {
		t.Errorf("with room again %d above the limit, %d open", above, s.open.Load())
	}
}
