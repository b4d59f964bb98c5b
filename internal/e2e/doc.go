// Package e2e holds tests of the built programs, as a newcomer runs them: the server, its client, curl's
// requests and a real browser. It has no code of its own.
package e2e
