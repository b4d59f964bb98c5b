package doctor

import (
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"momentum/server/host"
)

// leastBacklog is how many connections should fit in the accept queue: those that arrive while a reactor is busy for a tenth of a second
// in a storm of 100,000 a second.
const leastBacklog = 4096

// bestBacklog is the value of deploy/sysctl.d.
const bestBacklog = 65535

// Networks examines the limits of the kernel on connections.
func Networks(files fs.FS, n *Node) (all []Finding) {
	all = append(all, backlog(files)...)
	all = append(all, ports(files, n)...)
	all = append(all, tracking(files, n)...)
	return append(all, tcpMemory(files, n)...)
}

// backlog examines the queues of connections that have not been accepted. The server asks for as many places as somaxconn allows.
func backlog(files fs.FS) (all []Finding) {
	const subject = "backlog"
	if most, known := number(files, "proc/sys/net/core/somaxconn"); !known {
		all = append(all, warning(subject, inUnit("ProcSubset="), "net.core.somaxconn cannot be read, and the server would use a queue of 128"))
	} else if most < leastBacklog {
		all = append(all, problem(subject, inSysctl(fmt.Sprintf("net.core.somaxconn = %d", bestBacklog)),
			"net.core.somaxconn lets %d connections wait to be accepted: the kernel drops the others of a storm; restart the server after the change", most))
	} else {
		all = append(all, ok(subject, "%d connections may wait to be accepted", most))
	}
	half, known := number(files, "proc/sys/net/ipv4/tcp_max_syn_backlog")
	cookies, _ := number(files, "proc/sys/net/ipv4/tcp_syncookies")
	if known && half < leastBacklog && cookies == 0 {
		all = append(all, problem(subject, inSysctl("net.ipv4.tcp_syncookies = 1", fmt.Sprintf("net.ipv4.tcp_max_syn_backlog = %d", bestBacklog)),
			"net.ipv4.tcp_max_syn_backlog lets %d TCP handshakes be in progress, and there are no SYN cookies", half))
	} else if known && half < leastBacklog {
		all = append(all, warning(subject, inSysctl(fmt.Sprintf("net.ipv4.tcp_max_syn_backlog = %d", bestBacklog)),
			"net.ipv4.tcp_max_syn_backlog lets %d TCP handshakes be in progress; above that, SYN cookies serve clients without their TCP options", half))
	}
	if dropped := host.Overflows(files); dropped > 0 {
		all = append(all, warning(subject, nil, "the accept queue has been full %d times since the host started: momentum_host_accept_overflows_total says whether it still is", dropped))
	}
	return all
}

// localPorts returns how many ports this host has for connections to one address and port.
func localPorts(files fs.FS) int {
	bounds := numbers(files, "proc/sys/net/ipv4/ip_local_port_range")
	if len(bounds) != 2 {
		return 0
	}
	return max(0, int(bounds[1]-bounds[0]+1)-reserved(files, bounds[0], bounds[1]))
}

// reserved counts the ports of a range that are reserved: 8000-8001,9000.
func reserved(files fs.FS, low, high int64) (n int) {
	text, _ := fs.ReadFile(files, "proc/sys/net/ipv4/ip_local_reserved_ports")
	for one := range strings.SplitSeq(strings.TrimSpace(string(text)), ",") {
		first, last, several := strings.Cut(one, "-")
		from, err := strconv.ParseInt(first, 10, 64)
		to := from
		if several {
			to, _ = strconv.ParseInt(last, 10, 64)
		}
		if err == nil {
			n += int(max(0, min(to, high)-max(from, low)+1))
		}
	}
	return n
}

// localSources returns how many addresses proxies on this host have, as far as the settings name them. A listener has one family.
func localSources(proxies []netip.Prefix) int {
	var four, six int
	for _, p := range proxies {
		switch {
		case !p.IsSingleIP() || !p.Addr().IsLoopback():
		case p.Addr().Is4():
			four++
		default:
			six++
		}
	}
	return max(four, six)
}

// ports examines the ports of a proxy: each of its addresses has one for each connection to the node.
func ports(files fs.FS, n *Node) []Finding {
	const subject = "ports"
	each, sources := localPorts(files), localSources(n.Proxies)
	wide := inSysctl("net.ipv4.ip_local_port_range = 1024 65535", fmt.Sprintf("net.ipv4.ip_local_reserved_ports = %d-%d", n.Port, n.Port+1))
	switch {
	case len(n.Proxies) == 0:
		return []Finding{ok(subject, "no proxy is named in TRUSTED_PROXIES, so clients have ports of their own")}
	case sources == 0:
		return []Finding{ok(subject, "proxies on other hosts have %d ports for each of their addresses, if their range is that of this host", each)}
	case each*sources < n.Goal:
		more := (n.Goal + each - 1) / max(each, 1)
		return []Finding{problem(subject, append(wide, fmt.Sprintf("nginx: an upstream server for each of %d addresses (127.0.0.1, 127.0.0.2, ...); HAProxy: source 127.0.0.N on %d server lines", more, more)),
			"a proxy with %s has %d ports, and %d connections are wanted", addresses(sources), each*sources, n.Goal)}
	case each < 60_000:
		return []Finding{warning(subject, wide, "a proxy with %s has %d ports", addresses(sources), each*sources)}
	}
	return []Finding{ok(subject, "a proxy with %s has %d ports", addresses(sources), each*sources)}
}

// freeTracked returns how many more connections conntrack has room for; 0 if it is not loaded.
func freeTracked(files fs.FS) int64 {
	most, known := number(files, "proc/sys/net/netfilter/nf_conntrack_max")
	if !known {
		return 0
	}
	count, _ := number(files, "proc/sys/net/netfilter/nf_conntrack_count")
	return max(1, most-count)
}

// tracking examines the table of connections of a firewall.
func tracking(files fs.FS, n *Node) []Finding {
	const subject = "conntrack"
	most, known := number(files, "proc/sys/net/netfilter/nf_conntrack_max")
	if !known {
		return []Finding{ok(subject, "no firewall tracks connections")}
	}
	count, _ := number(files, "proc/sys/net/netfilter/nf_conntrack_count")
	change := append(inSysctl(fmt.Sprintf("net.netfilter.nf_conntrack_max = %d", powerAbove(max(2*n.Goal, 1<<21)))),
		fmt.Sprintf("or better, exempt the port: nft add rule inet raw prerouting tcp dport %d notrack", n.Port))
	switch {
	case most-count < int64(n.Goal), most-count < most/10:
		return []Finding{problem(subject, change, "the firewall's table has %d of %d entries left, and %d connections are wanted: it drops those that do not fit", most-count, most, n.Goal)}
	case n.Goal == 0 && most < 1<<20:
		return []Finding{warning(subject, change, "the firewall's table has room for %d connections", most-count)}
	}
	return []Finding{ok(subject, "the firewall's table has room for %d connections", most-count)}
}

// tcpMemory examines the memory of the kernel for bytes in sockets. A message to all clients takes a page of each socket that has
// not sent it yet.
func tcpMemory(files fs.FS, n *Node) (all []Finding) {
	const subject = "tcp_mem"
	limits := numbers(files, "proc/sys/net/ipv4/tcp_mem")
	page := int64(os.Getpagesize())
	used := host.TCPPages(files)
	switch {
	case len(limits) != 3:
		return []Finding{ok(subject, "net.ipv4.tcp_mem cannot be read here: a network namespace does not show it")}
	case used >= limits[1]:
		all = append(all, problem(subject, moreTCP(limits), "TCP sockets use %d MiB, above the pressure level of %d MiB: the kernel shrinks all windows", used*page>>20, limits[1]*page>>20))
	case limits[2] < int64(n.Goal):
		all = append(all, problem(subject, moreTCP([]int64{0, 0, int64(n.Goal)}),
			"net.ipv4.tcp_mem is %d MiB: a message to %d clients, with a page for each, does not fit, and the kernel drops packets", limits[2]*page>>20, n.Goal))
	default:
		all = append(all, ok(subject, "TCP sockets may use %d MiB, and use %d", limits[2]*page>>20, used*page>>20))
	}
	return append(all, buffers(files)...)
}

// moreTCP returns the line with twice the limit.
func moreTCP(limits []int64) []string {
	most := 2 * limits[2]
	return inSysctl(fmt.Sprintf("net.ipv4.tcp_mem = %d %d %d", most/4, most/2, most))
}

// buffers examines the sizes of the buffers of one socket.
func buffers(files fs.FS) (all []Finding) {
	const subject = "socket buffers"
	for _, name := range []string{"tcp_rmem", "tcp_wmem"} {
		sizes := numbers(files, "proc/sys/net/ipv4/"+name)
		if len(sizes) != 3 {
			continue
		}
		line := inSysctl("net.ipv4." + name + " = 4096 16384 4194304")
		switch {
		case sizes[2] < 256<<10:
			all = append(all, warning(subject, line, "net.ipv4.%s lets a socket grow to %d KiB: clients far away get less than their network carries", name, sizes[2]>>10))
		case sizes[1] > 1<<20:
			all = append(all, warning(subject, line, "net.ipv4.%s gives each socket %d KiB at once: a storm uses up net.ipv4.tcp_mem", name, sizes[1]>>10))
		}
	}
	if all == nil {
		return []Finding{ok(subject, "a socket has the usual sizes")}
	}
	return all
}
