// Package view computes what administrators see of a node: once a second a view of its state, and the last fifteen minutes. It makes each
// view once, however many viewers there are.
package view
