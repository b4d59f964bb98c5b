// Package e2e tests the built programs as users run them: the server, its client, curl, proxies, databases and a
// browser. All of it is in _test.go files.
package e2e
