// Package ends remembers the last ends of sessions and of handshakes, so that an administrator can look at connections that are
// gone.
package ends
