package protocol

import (
	"encoding/binary"

	"github.com/gobwas/ws"
)

// vectorBytes is the payload size from which the library's vector code is faster than eight bytes at a time.
// Measured: at 32 bytes 6.3 against 4.4 ns, at 64 bytes 5.9 against 6.5, at 512 bytes 8.7 against 39.
const vectorBytes = 64

// unmask removes the mask from a piece of a payload that begins offset bytes into the payload (RFC 6455 §5.3).
func unmask(piece []byte, mask [4]byte, offset int) {
	if len(piece) >= vectorBytes {
		ws.Cipher(piece, mask, offset)
		return
	}
	word := binary.LittleEndian.Uint32(mask[:])
	word = word>>(8*(offset&3)) | word<<(32-8*(offset&3))
	wide := uint64(word)<<32 | uint64(word)
	for ; len(piece) >= 8; piece = piece[8:] {
		binary.LittleEndian.PutUint64(piece, binary.LittleEndian.Uint64(piece)^wide)
	}
	for i := range piece {
		piece[i] ^= byte(wide >> (8 * i))
	}
}
