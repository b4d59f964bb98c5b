// Package check holds what ../prometheus and ../grafana ask for to what a node serves. Prometheus's own parser reads the
// expressions. It is a module of its own, so that the server's has nothing to do with that library.
package check
