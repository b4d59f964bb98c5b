// Package view shows a node to administrators: once a second a view of its state, and the last fifteen minutes. It makes each
// view once, however many viewers there are.
package view
