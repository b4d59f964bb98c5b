//go:build race

package sim

// shorter divides every scenario's span. A world has one goroutine, in which there is little for the race detector
// to find, and it makes everything ten times slower.
const shorter = 10

// detector is the flag that a replay needs.
const detector = " -race"
