// Package postgrestest runs a PostgreSQL of the tests' own: one server for a test program, a database for each
// test, and servers that a test may stop, pause and start again as it likes. It needs Debian's postgresql, or
// initdb and postgres in PATH; nothing of it survives the test program, even one that is killed.
package postgrestest
