package protocol

import "unicode/utf8"

// utf8Check validates text that arrives in pieces. It fails at the first byte that cannot belong to valid text (RFC 3629
// §4), and not only at the end of the piece or of the message. The zero value has seen no text.
type utf8Check struct {
	need      uint8 // bytes that the last character still lacks
	low, high uint8 // the range of the next of them
}

// accept validates the next piece. Most of it goes to the standard library, which takes ASCII 32 bytes at a time; only
// characters cut by an edge are checked byte by byte.
func (u *utf8Check) accept(piece []byte) bool {
	for u.need > 0 && len(piece) > 0 {
		if !u.next(piece[0]) {
			return false
		}
		piece = piece[1:]
	}
	end := len(piece) - unfinishedBytes(piece)
	if !utf8.Valid(piece[:end]) {
		return false
	}
	for _, c := range piece[end:] {
		if !u.next(c) {
			return false
		}
	}
	return true
}

// complete reports whether the text may end here.
func (u *utf8Check) complete() bool { return u.need == 0 }

// next validates one byte. The ranges are those of RFC 3629 §4: they exclude over-long forms, surrogates and everything
// above U+10FFFF.
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

// narrow sets the range of a second byte where the first one allows less than 80..BF.
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

// unfinishedBytes returns how many bytes at the end of a piece begin a character that the piece does not complete.
func unfinishedBytes(piece []byte) int {
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
