// Package chartcheck lints and renders the chart in ../helm with Helm's own packages, and decodes the manifests into
// Kubernetes's types. It is a module of its own, because these libraries take minutes to compile: "make test-release" runs
// it, and "make test" does not.
package chartcheck
