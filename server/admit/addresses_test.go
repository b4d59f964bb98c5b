package admit

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
)

func TestNetworks(t *testing.T) {
	same := [][]string{
		{"192.0.2.1", "::ffff:192.0.2.1"}, {"192.0.2.2"}, {"0.0.0.0"}, {"127.0.0.1"}, {"255.255.255.255"}, {"0.0.0.1"},
		{"2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:0:1::"}, {"2001:db8:0:1::1"},
		{"::1", "::"}, {"fe80::1", "fe80::2"}, {"64:ff9b::192.0.2.1"},
	}
	seen := map[Network]string{0: "nobody"}
	for _, group := range same {
		n := NetworkOf(netip.MustParseAddr(group[0]))
		if other, taken := seen[n]; taken {
			t.Errorf("%s counts as %s", group[0], other)
		}
		seen[n] = group[0]
		for _, a := range group {
			if NetworkOf(netip.MustParseAddr(a)) != n {
				t.Errorf("%s does not count as %s", a, group[0])
			}
		}
	}
	if NetworkOf(netip.Addr{}) != 0 {
		t.Error("no address counts as one")
	}
}

func TestNeighboursAreSpreadOverLocks(t *testing.T) {
	a, used := NewAddresses(), map[*addressShard]int{}
	for i := range 1 << 12 {
		var four [4]byte
		binary.BigEndian.PutUint32(four[:], 10<<24+uint32(i))
		used[a.of(NetworkOf(netip.AddrFrom4(four)))]++
	}
	for _, n := range used {
		if len(used) < addressShards || n > 3<<12/addressShards {
			t.Fatalf("4,096 neighbours use %d of %d locks, one of them %d times", len(used), addressShards, n)
		}
	}
}

// TestAddressesUnderARace has many come and go at once: never are more held than may be, and in the end none.
func TestAddressesUnderARace(t *testing.T) {
	const most = 7
	a, n := NewAddresses(), NetworkOf(netip.MustParseAddr("192.0.2.1"))
	a.SetLimit(most)
	var held atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5000 {
				switch a.Enter(n) {
				case Held:
					if now := held.Add(1); now > most {
						t.Errorf("%d are held, %d may be", now, most)
					}
					held.Add(-1)
					a.Leave(n, false)
				case Crowded:
					a.Leave(n, true)
				case Turned:
				}
			}
		})
	}
	all.Wait()
	if a.Count() != 0 || len(a.of(n).networks) != 0 {
		t.Errorf("%d are counted with all gone, %d networks remembered", a.Count(), len(a.of(n).networks))
	}
}
