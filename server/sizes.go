package server

import "math/bits"

// sizes adds up bytes by the size class of their holder: eight classes for each power of two.
type sizes [256]int

func (z *sizes) add(bytes int) { z[sizeClass(bytes)] += bytes }

func (z *sizes) sum() (bytes int) {
	for _, n := range z {
		bytes += n
	}
	return bytes
}

// threshold returns the highest class such that it and the classes above it hold at least the given number of bytes; a
// class above all others if that number is not positive.
func (z *sizes) threshold(bytes int) (class int) {
	for class = len(z); bytes > 0 && class > 1; {
		class--
		bytes -= z[class]
	}
	return class
}

// sizeClass returns the size itself below 16, otherwise its four leading bits and their place.
func sizeClass(bytes int) int {
	shift := max(0, bits.Len32(uint32(bytes))-4)
	return 8*shift + bytes>>shift
}
