// Package check tests that every metric and label in ../prometheus and ../grafana is one that a node serves. Prometheus's
// own parser reads the expressions. It also lints and renders the chart in ../helm with Helm's own packages, and decodes the manifests into
// Kubernetes's types. It is a module of its own, so that the server does not depend on these libraries.
package check
