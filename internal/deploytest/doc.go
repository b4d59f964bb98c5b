// Package deploytest tests the files in deploy/ and the forge's workflow: it executes the steps of the image, and checks the
// other files with the schemas, the kernel and systemd. All of it is in _test.go files.
package deploytest
