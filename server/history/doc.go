// Package history numbers the messages of channels and keeps the last ones, so that a client that comes back can be sent
// what it has missed, or be told that something is no longer kept.
//
// A Channel is 16 bytes until it keeps a message. A Store bounds the memory of all channels under one lock, and the
// caller holds that lock during each call. See docs/adr/0022-history.md.
package history
