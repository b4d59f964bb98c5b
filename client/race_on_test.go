//go:build race

package client

// raceDetector says that the race detector is on.
const raceDetector = true
