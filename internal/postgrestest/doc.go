// Package postgrestest runs PostgreSQL for tests: one server for a test program, a database for each test, and servers
// that a test can stop, pause and restart. It needs Debian's postgresql, or initdb and postgres in PATH. Its servers end with
// the test program, also if that is killed.
package postgrestest
