package load

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// reservedFiles are open files that are no connection: the standard streams, epoll, timer and event, the
	// stats poller, /proc, saved files, and the Go runtime's own.
	reservedFiles = 32

	// comfortableShare of the ephemeral ports is what one source address is used for where there are more. Linux
	// looks for a free port among every second one first, and when these are taken each connect walks past all of
	// them: beyond half of the 28,000 that are usual a storm slows down tenfold, through no fault of the server.
	comfortableShare = 0.4

	// usableShare is what one address is used for where there is no other. The rest is for other programs and for
	// ports still in TIME_WAIT.
	usableShare = 0.9

	// usualPorts is the size of Linux's default range.
	usualPorts = 28232

	// unlimitedFiles stands for a host without a limit.
	unlimitedFiles = 1 << 30
)

// openFiles lifts the soft limit on open files to the hard one, and refuses more connections than that leaves
// room for.
func openFiles(connections int) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("cannot read the limit on open files: %w", err)
	}
	if limit.Cur < limit.Max {
		limit.Cur = limit.Max
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			return fmt.Errorf("cannot raise the limit on open files to %d: %w", limit.Max, err)
		}
	}
	most := int(min(limit.Cur, unlimitedFiles)) - reservedFiles
	if connections <= most {
		return nil
	}
	return fmt.Errorf("--connections %d does not fit: a process may have %d files open here, which is room for %d connections; "+
		"raise the hard limit (ulimit -Hn, LimitNOFILE) or ask for fewer", connections, limit.Cur, max(most, 0))
}

// sources returns the addresses to connect from: those that were given, if any. None means that the kernel may choose,
// as it does unless ports run short: then a server on IPv4 loopback is called from 127.0.0.1, 127.0.0.2 and so on, all
// of which Linux answers to without being configured.
func sources(given string, server netip.Addr, connections, ports int) ([]netip.Addr, error) {
	if given != "" {
		return givenSources(given, server, connections, ports)
	}
	comfortable, usable := int(comfortableShare*float64(ports)), int(usableShare*float64(ports))
	manySources := server.IsLoopback() && server.Is4()
	switch {
	case connections <= comfortable, !manySources && connections <= usable:
		return nil, nil
	case !manySources:
		return nil, fmt.Errorf("--connections %d does not fit: one source address has ports for some %d connections, and more addresses "+
			"are at hand only towards a server on 127.0.0.0/8; ask for fewer, or give several addresses of this host with --source", connections, usable)
	}
	var all []netip.Addr
	for last := 1; len(all)*comfortable < connections; last++ {
		if last > 254 {
			return nil, fmt.Errorf("--connections %d is more than 254 loopback addresses have ports for", connections)
		}
		all = append(all, netip.AddrFrom4([4]byte{127, 0, 0, byte(last)}))
	}
	return all, nil
}

// givenSources reads the addresses of --source.
func givenSources(given string, server netip.Addr, connections, ports int) (all []netip.Addr, err error) {
	for text := range strings.SplitSeq(given, ",") {
		a, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil || !a.Is4() || !server.Is4() {
			return nil, fmt.Errorf("--source %q: write IPv4 addresses of this host, separated by commas, for a server that has one too", given)
		}
		all = append(all, a)
	}
	if usable := int(usableShare*float64(ports)) * len(all); connections > usable {
		return nil, fmt.Errorf("--connections %d does not fit: %d source addresses have ports for %d", connections, len(all), usable)
	}
	return all, nil
}

// checkSources refuses addresses that no socket of this host can have: each connect from there would fail.
func checkSources(all []netip.Addr) error {
	for _, from := range all {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		err = bind(fd, from)
		_ = unix.Close(fd)
		if errors.Is(err, unix.EADDRNOTAVAIL) {
			return fmt.Errorf("--source %s is not an address of this host", from)
		}
		if err != nil {
			return fmt.Errorf("--source %s cannot be used: %w", from, err)
		}
	}
	return nil
}

// ephemeralPorts is the size of the range that the kernel hands out from.
func ephemeralPorts() int {
	var low, high int
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return usualPorts
	}
	if n, _ := fmt.Sscan(string(text), &low, &high); n != 2 || high < low {
		return usualPorts
	}
	return high - low + 1
}
