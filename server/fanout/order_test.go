package fanout

import (
	"math"
	"testing"
)

func TestOrderNumbersWrapAround(t *testing.T) {
	for _, tt := range []struct {
		a, b   uint32
		before bool
	}{{1, 2, true}, {2, 1, false}, {7, 7, false}, {math.MaxUint32, 0, true}, {0, math.MaxUint32, false}, {0, 1<<31 - 1, true}} {
		if before(tt.a, tt.b) != tt.before {
			t.Errorf("%d is before %d: %v", tt.a, tt.b, !tt.before)
		}
		want := tt.a
		if tt.before {
			want = tt.b
		}
		if got := later(tt.a, tt.b); got != want {
			t.Errorf("the later of %d and %d is %d", tt.a, tt.b, got)
		}
	}
}
