// Package check tests that every metric and label in ../prometheus and ../grafana is one that a node serves. Prometheus's
// own parser reads the expressions. It is a module of its own, so that the server does not depend on that library.
package check
