package doctor

import (
	"fmt"
	"net/netip"
	"os"
	"testing"
)

// someNode is a node on a host with the limits of the example.
func someNode() *Node {
	return &Node{Process: "self", Port: 8000, Reactors: 2, Cores: 2, Countable: 1 << 24, Room: func(descriptors int) int { return descriptors - 116 }}
}

func limitsFile(soft, hard string) string {
	return "Limit                     Soft Limit           Hard Limit           Units     \n" +
		"Max processes             10                   10                   processes \n" +
		"Max open files            " + soft + "                 " + hard + "                files     \n"
}

func TestFactsAreThoseOfTheHostAndTheSettings(t *testing.T) {
	files := planted(map[string]string{
		"proc/self/limits":                          limitsFile("1024", "5116"),
		"proc/self/cgroup":                          "0::/a\n",
		"sys/fs/cgroup/a/memory.max":                "1000000\n",
		"sys/fs/cgroup/a/memory.current":            fmt.Sprintln(300 + 2*os.Getpagesize()),
		"proc/self/statm":                           "90 3 1 0 0 0 0\n",
		"sys/fs/cgroup/memory.max":                  "9223372036854771712\n",
		"proc/meminfo":                              "MemTotal: 9 kB\nMemAvailable: 7 kB\n",
		"proc/sys/net/ipv4/ip_local_port_range":     "1000\t1999\n",
		"proc/sys/net/ipv4/ip_local_reserved_ports": "1500-1599,1700,8000-8001\n",
		"proc/sys/net/netfilter/nf_conntrack_max":   "500\n",
		"proc/sys/net/netfilter/nf_conntrack_count": "100\n",
	})
	n := someNode()
	n.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("10.0.0.0/8")}
	n.MaxConnections, n.HandshakeRate, n.GoMemory, n.Cores = 77, 5, 11, 1
	want := Facts{
		Descriptors: 5116, DescriptorRoom: 5000, MaxConnections: 77, Countable: 1 << 24, HeapLimit: 11, GroupLimit: 1000000, GroupUsed: 300,
		Memory: 7 << 10, SourcePorts: 899, Sources: 1, Tracked: 400, Rate: 5, Cores: 1,
	}
	if got := FactsOf(files, n); got != want {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
	if got := FactsOf(planted(nil), someNode()); got != (Facts{Countable: 1 << 24, Cores: 2}) {
		t.Errorf("of a host without files: %+v", got)
	}
}
