package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"momentum/server/admin"
)

// parseProxies reads addresses and networks, and returns an error for each that is neither. A network with bits set
// after its prefix is a mistake: either the address or the network was meant.
func parseProxies(texts []string) (networks []netip.Prefix, problems error) {
	for _, text := range texts {
		network, err := parseNetwork(strings.TrimSpace(text))
		if err != nil {
			problems = errors.Join(problems, fmt.Errorf("TRUSTED_PROXIES (--trusted-proxies) has %q: %w", text, err))
			continue
		}
		networks = append(networks, network)
	}
	return networks, problems
}

func parseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return network, errors.New("write an address or a network, such as 10.0.0.1, 10.0.0.0/8 or 2001:db8::/32")
	case network.Addr().Is4In6():
		return network, errors.New("write an IPv4 network as such, like 10.0.0.0/8")
	case network != network.Masked():
		return network, fmt.Errorf("write %v for the network, or %v for the one address", network.Masked(), network.Addr())
	}
	return network, nil
}

// Proxies returns TRUSTED_PROXIES. The configuration must have passed Validate.
func (c *Config) Proxies() []netip.Prefix {
	networks, _ := parseProxies(c.TrustedProxies)
	return networks
}

// proxyWarnings warn if the addresses of clients will be those of a proxy.
func (c *Config) proxyWarnings() []string {
	var all []string
	for _, network := range c.Proxies() {
		if network.Bits() == 0 {
			all = append(all, fmt.Sprintf("TRUSTED_PROXIES (--trusted-proxies) has %v: every client may claim any address", network))
		}
	}
	if c.MaxPerAddress > 0 && len(c.TrustedProxies) == 0 && admin.CheckBind(c.Listen(), "") == nil {
		all = append(all, fmt.Sprintf("WS_MAX_CONNECTIONS_PER_IP (--max-connections-per-ip) is %d on %s, which only this host can reach: "+
			"if a proxy does, name it in TRUSTED_PROXIES, or all of its clients count as one address", c.MaxPerAddress, c.Listen()))
	}
	return all
}
