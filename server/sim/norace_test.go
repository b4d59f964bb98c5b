//go:build !race

package sim

const shorter = 1

const detector = ""
