// Package check tests that every metric and label in ../prometheus and ../grafana is one that a node serves. Prometheus's
// own parser reads the expressions, and the types of Grafana's schema the dashboard. It also validates a bill of materials of ../sbom with the schema of CycloneDX. It is a
// module of its own, so that the server does not depend on these libraries.
package check
