// Package cluster says how a node takes part in a cluster: as values, and as the interfaces between a node and its bus. The bus
// numbers each message, keeps it, and sends it to all nodes that have its channel, in one order for each channel. It knows neither
// sessions nor users' connections.
//
// The packages below it implement it. See docs/adr/0024-bus.md.
package cluster
