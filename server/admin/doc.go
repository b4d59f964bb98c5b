// Package admin is the node's net/http sidecar: administration calls, health probes and the demo page. It serves the admin
// port, and plain HTTP requests on the WebSocket port.
package admin
