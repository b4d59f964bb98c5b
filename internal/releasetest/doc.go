// Package releasetest builds releases, compares them, and installs and removes their packages. All of it is in _test.go
// files. It builds for minutes: "make test-release" runs it, and "make test" does not.
package releasetest
