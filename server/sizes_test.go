package server

import "testing"

func TestSizeClassesRiseWithTheSize(t *testing.T) {
	last := -1
	for bytes := range 1 << 20 {
		class := sizeClass(bytes)
		if class < last || class > last+1 {
			t.Fatalf("%d bytes are of class %d, one less of %d", bytes, class, last)
		}
		last = class
	}
	if class := sizeClass(1<<31 - 1); class >= len(sizes{}) {
		t.Errorf("2 GiB are of class %d", class)
	}
}

func TestThresholdHoldsAtLeastTheBytes(t *testing.T) {
	var z sizes
	for _, bytes := range []int{100, 200, 3000, 3000, 50_000} {
		z.add(bytes)
	}
	for bytes, from := range map[int]int{-5: 1 << 30, 0: 1 << 30, 1: 50_000, 50_001: 3000, 56_001: 200, 56_300: 100, 99_999: 1} {
		class := z.threshold(bytes)
		if from == 1<<30 && class != len(z) || from != 1<<30 && sizeClass(from) < class {
			t.Errorf("%d bytes: class %d, %d bytes are of class %d", bytes, class, from, sizeClass(from&(1<<30-1)))
		}
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
