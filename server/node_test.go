package server

import (
	"hash/maphash"
	"net/netip"
	"testing"
)

func TestTokensAreHashedWithTheNodesSeed(t *testing.T) {
	one, other := &node{tokenSeed: maphash.MakeSeed()}, &node{tokenSeed: maphash.MakeSeed()}
	switch {
	case one.tokenHash("") != noToken:
		t.Error("a token without a jti has a hash")
	case one.tokenHash("a") != one.tokenHash(string([]byte("a"))):
		t.Error("the same jti has two hashes")
	case one.tokenHash("a") == noToken || one.tokenHash("a") == one.tokenHash("b"):
		t.Error("different tokens have the same hash")
	case one.tokenHash("a") == other.tokenHash("a"):
		t.Error("two nodes hash alike, so that a client could choose jtis of one hash")
	}
}

func TestOnlyTheNamedProxiesAreTrusted(t *testing.T) {
	var n node
	n.rules.Store(&Rules{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::1/128")}})
	for address, want := range map[string]bool{"10.1.2.3": true, "fd00::1": true, "11.0.0.1": false, "fd00::2": false} {
		if got := n.trusts(netip.MustParseAddr(address)); got != want {
			t.Errorf("trusts(%s) = %v", address, got)
		}
	}
}

func TestAUserHasAHighestNumberOfConnections(t *testing.T) {
	for setting, want := range map[int]int{0: maxPerUser, 1: 1, 64: 64, maxPerUser: maxPerUser, 1 << 24: maxPerUser} {
		if got := connectionsPerUser(setting); got != want {
			t.Errorf("with the setting %d the limit is %d, want %d", setting, got, want)
		}
	}
}
