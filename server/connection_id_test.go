package server

import (
	"strings"
	"testing"

	"momentum/netpoll"
)

func TestAnIDNamesAConnectionOfOneStartOnly(t *testing.T) {
	const h = netpoll.Handle(3<<56 | 7<<32 | 9)
	id := connectionID("epoch-1_", h)
	if got := handleOf("epoch-1_", id); got != h {
		t.Errorf("%s names %v, want %v", id, got, h)
	}
	for _, other := range []string{"", ".", ".epoch-1_", "x", "-1.epoch-1_", id + "x", strings.Repeat("z", 14) + ".epoch-1_"} {
		if got := handleOf("epoch-1_", other); got != 0 {
			t.Errorf("%q names %v", other, got)
		}
	}
	if got := handleOf("epoch-2_", id); got != 0 {
		t.Errorf("after a restart %s names %v", id, got)
	}
}
