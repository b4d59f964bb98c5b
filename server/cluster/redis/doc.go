// Package redis connects nodes through Redis 7.0 or newer, or Valkey. It implements cluster.Bus, and is the only importer of
// rueidis.
//
// A channel is a counter, a list of the last messages and a pub/sub channel, in one hash slot. One script numbers a message, keeps
// it and publishes it. All messages of all goroutines go through one outbox and one writer, so that they keep their order and so
// that one round trip has as many as possible. See docs/adr/0024-bus.md.
package redis
