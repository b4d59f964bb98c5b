package doctor

import (
	"net/netip"
	"testing"
)

func TestNetworkFindingsNameTheLine(t *testing.T) {
	const net = "proc/sys/net/"
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	away := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}
	for _, tt := range []struct {
		name    string
		files   map[string]string
		proxies []netip.Prefix
		goal    int
		level   Level
		text    string
	}{
		{"a long queue", map[string]string{net + "core/somaxconn": "65535"}, nil, 0, OK, "65535 connections may wait"},
		{"a short queue", map[string]string{net + "core/somaxconn": "128"}, nil, 0, Problem, "net.core.somaxconn = 65535"},
		{"a hidden queue", nil, nil, 0, Warning, "ProcSubset="},
		{"few handshakes, no cookies", map[string]string{net + "ipv4/tcp_max_syn_backlog": "256", net + "ipv4/tcp_syncookies": "0"}, nil, 0, Problem, "net.ipv4.tcp_syncookies = 1"},
		{"few handshakes, cookies", map[string]string{net + "ipv4/tcp_max_syn_backlog": "256", net + "ipv4/tcp_syncookies": "1"}, nil, 0, Warning, "tcp_max_syn_backlog = 65535"},
		{"overflows", map[string]string{"proc/self/net/netstat": "TcpExt: ListenOverflows\nTcpExt: 9\n"}, nil, 0, Warning, "full 9 times"},
		{"no proxy", map[string]string{net + "ipv4/ip_local_port_range": "32768 60999"}, nil, 100_000, OK, "ports of their own"},
		{"a proxy on another host", map[string]string{net + "ipv4/ip_local_port_range": "32768 60999"}, away, 100_000, OK, "28232 ports for each"},
		{"a proxy with too few ports", map[string]string{net + "ipv4/ip_local_port_range": "32768 60999"}, local, 100_000, Problem, "each of 4 addresses"},
		{"a proxy with few ports", map[string]string{net + "ipv4/ip_local_port_range": "32768 60999"}, local, 0, Warning, "net.ipv4.ip_local_port_range = 1024 65535"},
		{"a proxy with many ports", map[string]string{net + "ipv4/ip_local_port_range": "1024 65535", net + "ipv4/ip_local_reserved_ports": "8000-8001"}, local, 60_000, OK, "64510 ports"},
		{"no conntrack", nil, nil, 100_000, OK, "no firewall"},
		{"a table that is too small", map[string]string{net + "netfilter/nf_conntrack_max": "65536", net + "netfilter/nf_conntrack_count": "7"}, nil, 100_000, Problem, "nf_conntrack_max = 2097152"},
		{"a table that is full", map[string]string{net + "netfilter/nf_conntrack_max": "65536", net + "netfilter/nf_conntrack_count": "65000"}, nil, 0, Problem, "tcp dport 8000 notrack"},
		{"a small table", map[string]string{net + "netfilter/nf_conntrack_max": "65536"}, nil, 0, Warning, "room for 65536"},
		{"a large table", map[string]string{net + "netfilter/nf_conntrack_max": "2097152"}, nil, 0, OK, "room for 2097152"},
		{"hidden tcp_mem", nil, nil, 0, OK, "cannot be read"},
		{"tcp_mem under pressure", map[string]string{net + "ipv4/tcp_mem": "100 200 300", "proc/self/net/sockstat": "TCP: inuse 1 mem 250\n"}, nil, 0, Problem, "net.ipv4.tcp_mem = 150 300 600"},
		{"tcp_mem below the goal", map[string]string{net + "ipv4/tcp_mem": "100 200 300"}, nil, 1000, Problem, "net.ipv4.tcp_mem = 500 1000 2000"},
		{"enough tcp_mem", map[string]string{net + "ipv4/tcp_mem": "1000 200000 300000"}, nil, 1000, OK, "TCP sockets may use 1171 MiB"},
		{"small buffers", map[string]string{net + "ipv4/tcp_mem": "1 2 3", net + "ipv4/tcp_wmem": "4096 16384 65536"}, nil, 0, Warning, "net.ipv4.tcp_wmem = 4096 16384 4194304"},
		{"large buffers", map[string]string{net + "ipv4/tcp_mem": "1 2 3", net + "ipv4/tcp_rmem": "4096 4194304 8388608"}, nil, 0, Warning, "4096 KiB at once"},
		{"usual buffers", map[string]string{net + "ipv4/tcp_mem": "1 2 3", net + "ipv4/tcp_rmem": "4096 131072 6291456"}, nil, 0, OK, "the usual sizes"},
	} {
		n := someNode()
		n.Goal, n.Proxies = tt.goal, tt.proxies
		expect(t, tt.name, Networks(planted(tt.files), n), tt.level, tt.text)
	}
}
