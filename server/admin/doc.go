// Package admin is the node's net/http sidecar: the administrator's calls, health, and the demo page. It
// serves the admin port, and the plain HTTP requests that come to the WebSocket port.
package admin
