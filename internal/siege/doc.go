// Package siege attacks a served node over real sockets, and asks those who are on it meanwhile what they felt.
package siege
