// Package storm says whether a node is in a storm of handshakes, how far it has got, and how long one would take.
package storm
