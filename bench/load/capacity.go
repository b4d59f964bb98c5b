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
	// reservedFiles is the number of open files besides the connections: the standard streams, epoll, timer and
	// eventfd, the client of /ws/stats, files of /proc, outputs, and those of the Go runtime.
	reservedFiles = 32

	// comfortableShare is the share of the ephemeral ports that is used of one source address if there are others.
	// Linux searches every second port first, and if these are taken each connect walks past all of them: above half of
	// the usual 28,000 ports a storm is ten times slower, and not because of the server.
	comfortableShare = 0.4

	// usableShare is the share that is used if there is no other address. The rest is for other programs, and for ports
	// in TIME_WAIT.
	usableShare = 0.9

	// usualPorts is the size of Linux's default port range.
	usualPorts = 28232

	// unlimitedFiles stands for the absence of a limit.
	unlimitedFiles = 1 << 30
)

// openFiles raises the soft limit on open files to the hard limit, and returns an error if the connections do not fit.
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
	return fmt.Errorf("--connections %d does not fit: a process may have %d files open here, which is enough for %d connections; "+
		"raise the hard limit (ulimit -Hn, LimitNOFILE) or ask for fewer connections", connections, limit.Cur, max(most, 0))
}

// sources returns the addresses to connect from. None means that the kernel chooses. If one address has too few ports
// and the server is on IPv4 loopback, the addresses are 127.0.0.1, 127.0.0.2 and so on, which Linux has without
// configuration.
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
			"are available only towards a server on 127.0.0.0/8; ask for fewer connections, or give several addresses of this host with --source", connections, usable)
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

// checkSources returns an error for an address that is not of this host: every connect from it would fail.
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

// ephemeralPorts is the size of the range from which the kernel chooses ports.
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
