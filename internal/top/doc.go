// Package top shows a running node in a terminal. The model and its screens are pure: an event makes a new state, and a state and a size
// make a text. Only program.go knows the library for terminals, and only feed.go the node.
package top
