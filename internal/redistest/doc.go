// Package redistest runs Redis for tests: servers that a test can stop, kill, pause and restart, with TLS, with users, with
// a replica, watched by sentinels, or as a cluster, and a proxy that cuts or holds connections to them. It needs Debian's
// redis-server and redis-sentinel, or these programs in PATH. Its servers end with the test program, also if that is killed.
package redistest
