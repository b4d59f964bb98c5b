// Package siege attacks a served node over real sockets, and measures the service that other clients get meanwhile.
package siege
