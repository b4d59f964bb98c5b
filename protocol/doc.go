// Package protocol turns bytes into values and values into bytes: HTTP upgrade requests (RFC 6455 §4), frames
// (§5), close codes (§7) and the JSON messages inside text frames. It has no clock, no goroutine and does no
// I/O, so that everything in it can be tested by calling it.
//
// Slices it returns alias what it was given unless a function says otherwise.
package protocol
