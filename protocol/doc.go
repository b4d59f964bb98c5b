// Package protocol parses and formats the bytes on the wire: HTTP upgrade requests (RFC 6455 §4), frames (§5), close
// codes (§7) and the JSON messages in text frames. It has no clock and no goroutine and does no I/O, so all of it can be
// tested by calling it.
//
// Slices that it returns alias its input unless a function says otherwise.
package protocol
