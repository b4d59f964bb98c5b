package server

import (
	"math"
	"testing"
)

// TestSizeClassesAreInOrder checks that a larger size never has a lower class, and that every class fits in the table.
func TestSizeClassesAreInOrder(t *testing.T) {
	last := 0
	for bytes := 0; bytes < 1<<20; bytes += 1 + bytes/64 {
		class := sizeClass(bytes)
		if class < last {
			t.Fatalf("%d bytes have class %d, and fewer have class %d", bytes, class, last)
		}
		last = class
	}
	if class := sizeClass(math.MaxUint32); class >= len(sizes{}) {
		t.Errorf("the largest size has class %d of %d", class, len(sizes{}))
	}
}

func TestThresholdFindsTheLargestHolders(t *testing.T) {
	var z sizes
	for _, bytes := range []int{10, 10, 1000, 5000} {
		z.add(bytes)
	}
	if sum := z.sum(); sum != 6020 {
		t.Errorf("the sum is %d", sum)
	}
	for _, tt := range []struct{ bytes, class int }{
		{-1, len(z)},
		{0, len(z)},
		{1, sizeClass(5000)},
		{5000, sizeClass(5000)},
		{5001, sizeClass(1000)},
		{6001, sizeClass(10)},
		{7000, 1}, // more than all hold
	} {
		if class := z.threshold(tt.bytes); class != tt.class {
			t.Errorf("threshold(%d) = %d, want %d", tt.bytes, class, tt.class)
		}
	}
}
