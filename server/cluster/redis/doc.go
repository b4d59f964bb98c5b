// Package redis connects nodes through Redis 7.0 or newer, or Valkey. It implements cluster.Bus, and is the only importer of
// rueidis.
//
// A channel is a counter, a list of the last messages and a pub/sub channel, in one hash slot. One script numbers a message, keeps
// it and publishes it. All messages go through one outbox and one writer. This keeps their order, and fills each round trip with
// as many messages as possible. See docs/adr/0024-bus.md.
package redis
