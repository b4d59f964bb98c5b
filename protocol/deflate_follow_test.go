package protocol

import (
	"slices"
	"testing"
)

// follow decompresses (RFC 1951) in the slow and plain way, and returns the furthest distance that a copy reaches back. The
// readers of the libraries do not report it, and accept distances beyond the negotiated window while they have the bytes.
func follow(t *testing.T, in []byte) (out []byte, furthest int) {
	t.Helper()
	f := &follower{t: t, in: in}
	for final := false; !final; {
		final = f.bits(1) == 1
		switch f.bits(2) {
		case 0:
			f.stored()
		case 1:
			f.block(fixedLengths(), slices.Repeat([]int{5}, 30))
		case 2:
			f.block(f.dynamic())
		default:
			t.Fatal("block type 3")
		}
	}
	return f.out, f.furthest
}

type follower struct {
	t        *testing.T
	in, out  []byte
	at       int // in bits
	furthest int
}

func (f *follower) bits(n int) (v int) {
	for i := range n {
		if f.at/8 >= len(f.in) {
			f.t.Fatal("the data ends within a block")
		}
		v |= int(f.in[f.at/8]>>(f.at%8)&1) << i
		f.at++
	}
	return v
}

func (f *follower) stored() {
	f.at = (f.at + 7) / 8 * 8
	n := f.bits(16)
	f.bits(16)
	for range n {
		f.out = append(f.out, byte(f.bits(8)))
	}
}

func fixedLengths() []int {
	return slices.Concat(slices.Repeat([]int{8}, 144), slices.Repeat([]int{9}, 112), slices.Repeat([]int{7}, 24), slices.Repeat([]int{8}, 8))
}

func (f *follower) dynamic() (literals, distances []int) {
	order := []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	nl, nd, nc := f.bits(5)+257, f.bits(5)+1, f.bits(4)+4
	codes := make([]int, 19)
	for _, i := range order[:nc] {
		codes[i] = f.bits(3)
	}
	var all []int
	for len(all) < nl+nd {
		switch symbol := f.symbol(codes); symbol {
		case 16:
			all = append(all, slices.Repeat(all[len(all)-1:], 3+f.bits(2))...)
		case 17:
			all = append(all, make([]int, 3+f.bits(3))...)
		case 18:
			all = append(all, make([]int, 11+f.bits(7))...)
		default:
			all = append(all, symbol)
		}
	}
	return all[:nl], all[nl:]
}

// symbol reads one canonical Huffman code (RFC 1951 §3.2.2), a bit at a time.
func (f *follower) symbol(lengths []int) int {
	code, first := 0, 0
	for length := 1; length <= 15; length++ {
		code |= f.bits(1)
		count := 0
		for _, l := range lengths {
			if l == length {
				count++
			}
		}
		if code-first < count {
			return nth(lengths, length, code-first)
		}
		first = (first + count) << 1
		code <<= 1
	}
	f.t.Fatal("no such code")
	return 0
}

func nth(lengths []int, length, n int) int {
	for i, l := range lengths {
		if l == length {
			if n == 0 {
				return i
			}
			n--
		}
	}
	return -1
}

func (f *follower) block(literals, distances []int) {
	for {
		symbol := f.symbol(literals)
		switch {
		case symbol < 256:
			f.out = append(f.out, byte(symbol))
			continue
		case symbol == 256:
			return
		}
		n := f.extended(symbol-257, []int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258},
			[]int{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0})
		back := f.extended(f.symbol(distances), []int{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577},
			[]int{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13})
		f.furthest = max(f.furthest, back)
		for range n {
			f.out = append(f.out, f.out[len(f.out)-back])
		}
	}
}

func (f *follower) extended(i int, base, extra []int) int { return base[i] + f.bits(extra[i]) }
