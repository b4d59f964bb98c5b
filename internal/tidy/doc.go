// Package tidy tests that the repository keeps its own rules: which package may import which, how long a function may
// be, which calls and turns of phrase are banned and why. All of it is in _test.go files. Each rule is one test, each
// exception is a row in a table with its reason, and planted_test.go shows that every rule finds a violation.
//
// Figures that have to fall step by step are ratchets: a table holds today's figure, and the goal beside it. Print all
// of them with "go test ./internal/tidy -run Measures -v".
//
// To change a rule, change its table in the same commit as the code, and record the reason in docs/adr.
package tidy
