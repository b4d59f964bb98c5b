package redis

import (
	"slices"

	"github.com/klauspost/compress/s2"
)

// Messages of a bundle are compressed with S2 if they are long enough. Messages of people then take half the bytes. Redis copies each byte
// of a bundle some ten times, and hashes it twice, because the script makes two texts of it. A node compresses 40 messages in 8 µs, and
// reads them in 3.
const (
	compressBytes   = 512     // shorter bundles gain little
	compressedLimit = 1 << 20 // of the bytes before compression. A bundle of one message may be longer than bundleBytes, but not than this
)

// compressFrom compresses the bytes of b from start on, or returns false if that would not make them shorter.
func compressFrom(b []byte, start int) (compressed []byte, ok bool) {
	size := len(b) - start
	if size < compressBytes || size > compressedLimit {
		return b, false
	}
	b = slices.Grow(b, s2.MaxEncodedLen(size))
	short := s2.Encode(b[len(b):cap(b)], b[start:])
	if len(short) >= size {
		return b, false
	}
	return append(b[:start], short...), true
}

// decompress returns the bytes in the room of the deliveries.
func (l *deliveries) decompress(b []byte) (plain []byte, ok bool) {
	size, err := s2.DecodedLen(b)
	if err != nil || size > compressedLimit {
		return nil, false
	}
	start := len(l.room)
	l.room = slices.Grow(l.room, size)[:start+size]
	_, err = s2.Decode(l.room[start:], b)
	return l.room[start:], err == nil
}

// plainBytes returns how many bytes an entry has before compression; 0 if that cannot be read.
func plainBytes(entry string) int {
	_, bundle, ok := cutNumber(entry)
	if !ok || len(bundle) <= bundleHead || bundle[0] != formCompressed {
		return len(entry)
	}
	_, b, ok := cutUvarint(bytesOf(bundle[bundleHead:]))
	if !ok {
		return 0
	}
	size, err := s2.DecodedLen(b)
	if err != nil {
		return 0
	}
	return size
}
