// Package tidy holds the repository to its own rules by test: which package may import which, how long a
// function may be, what must not be written and why. Everything is in its _test.go files; each rule is one
// test, each exception a line in a table with its reason, and planted_test.go shows that every rule bites.
//
// To change a rule, change its table here in the same commit as the code, and say why in docs/adr.
package tidy
