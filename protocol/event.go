package protocol

// Event is one complete message (OpText or OpBinary, with its fragments joined) or one control frame. Payload is
// unmasked. It lies in the bytes given to Next or in the decoder's own buffer, and is valid until the next call.
type Event struct {
	Op         OpCode
	Compressed bool // Payload is still compressed; see Decoder.Inflate
	Payload    []byte
}
