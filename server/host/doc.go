// Package host reads from the kernel how near a node is to the limits of its host.
package host
