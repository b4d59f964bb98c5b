// Package deploytest holds tests of what is in deploy/ and of the forge's workflow: the image's steps are executed, the
// rest is held to the schemas, kernels and supervisors that will read it. It has no code of its own.
package deploytest
