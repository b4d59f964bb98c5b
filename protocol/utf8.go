package protocol

import "unicode/utf8"

// utf8Check judges text that comes in pieces, and fails at the first byte that cannot belong to any valid text
// (RFC 3629 §4), not at the end of the piece or of the message. The zero value has seen nothing.
type utf8Check struct {
	need      uint8 // bytes the last character still lacks
	low, high uint8 // what the next of them may be
}

// accept judges the next piece. The bulk of it goes to the standard library, which takes ASCII 32 bytes at a
// time; only characters cut by an edge are walked byte by byte.
func (u *utf8Check) accept(piece []byte) bool {
	for u.need > 0 && len(piece) > 0 {
		if !u.next(piece[0]) {
			return false
		}
		piece = piece[1:]
	}
	whole := len(piece) - cutShort(piece)
	if !utf8.Valid(piece[:whole]) {
		return false
	}
	for _, c := range piece[whole:] {
		if !u.next(c) {
			return false
		}
	}
	return true
}

// complete reports whether the text may end here.
func (u *utf8Check) complete() bool { return u.need == 0 }

// next judges one byte. The ranges are those of RFC 3629 §4: they leave out over-long forms, surrogates and
// everything above U+10FFFF.
func (u *utf8Check) next(c byte) bool {
	if u.need > 0 {
		fits := u.low <= c && c <= u.high
		u.need, u.low, u.high = u.need-1, 0x80, 0xBF
		return fits
	}
	u.low, u.high = 0x80, 0xBF
	switch {
	case c < 0x80:
		return true
	case c < 0xC2 || c > 0xF4:
		return false
	case c < 0xE0:
		u.need = 1
	case c < 0xF0:
		u.need = 2
	default:
		u.need = 3
	}
	u.narrow(c)
	return true
}

// narrow sets the range of a second byte where the first one leaves less than 80..BF.
func (u *utf8Check) narrow(first byte) {
	switch first {
	case 0xE0:
		u.low = 0xA0
	case 0xED:
		u.high = 0x9F
	case 0xF0:
		u.low = 0x90
	case 0xF4:
		u.high = 0x8F
	}
}

// cutShort returns how many bytes at the end of a piece begin a character that the piece does not finish.
func cutShort(piece []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(piece); i++ {
		c := piece[len(piece)-i]
		switch {
		case c < 0x80:
			return 0
		case c < 0xC0:
			continue
		case c >= 0xF0 && i < 4, c >= 0xE0 && i < 3, i < 2:
			return i
		default:
			return 0
		}
	}
	return 0
}
