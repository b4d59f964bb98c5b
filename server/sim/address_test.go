package sim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
)

// way is how a client reaches the node, and so how the node is to know its address.
type way uint8

const (
	direct    way = iota // it dials itself, and may lie in X-Forwarded-For
	line                 // through a trusted proxy that writes a PROXY header of version 1
	binaryWay            // of version 2
	forwarded            // through one that writes X-Forwarded-For
	relayed              // through two, of which the second names the first, in either way
	silent               // through one that says nothing, or nothing that makes sense: it counts as the client
	impostor             // it dials itself, and writes a PROXY header that is not its to write
	ways
)

// String returns the way's name.
func (y way) String() string {
	return [...]string{"direct", "line", "binary", "forwarded", "relayed", "silent", "impostor"}[y]
}

// trusted are the proxies' addresses.
var trusted = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("fd00::/64")}

// refusedAtOnce is how many sockets of an address, above its limit, may be open to read that they are refused.
const refusedAtOnce = 64

// census is how many sockets of an address there are: within the limit, and above it.
type census struct{ held, refused int }

// homeOf returns the network that an address counts for: the address itself, or its /64 for IPv6.
func homeOf(a netip.Addr) netip.Prefix {
	bits := 64
	if a.Is4() {
		bits = 32
	}
	home, _ := a.Prefix(bits)
	return home
}

// origin is the way from a client to the node, with the headers that proxies add on it.
type origin struct {
	way       way
	home      netip.Prefix // the network that it must be counted for
	header    []byte       // before the request
	forwarded string       // X-Forwarded-For, if any
	place     *int         // where it is counted
	crowded   bool         // above the limit of its address: it must be refused after its request is read
	turned    bool         // too many refusals wait already: it must be refused at once
}

// address draws one, of a crowd in which some have more clients than others. Mostly it is one with room.
func (w *world) address() netip.Addr {
	var a netip.Addr
	for range 6 {
		r := w.random.Float64()
		n := uint16(r * r * float64(w.sc.addresses))
		if n%2 == 0 {
			a = netip.AddrFrom4([4]byte{198, 51, byte(n >> 8), byte(n)})
		} else {
			a = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 6: byte(n >> 8), 7: byte(n), 15: byte(w.random.IntN(256))})
		}
		if c := w.census[homeOf(a)]; w.sc.perAddress == 0 || c == nil || c.held < w.sc.perAddress || w.random.IntN(8) == 0 {
			return a
		}
	}
	return a
}

func (w *world) proxy() netip.Addr {
	if w.random.IntN(2) == 0 {
		return netip.AddrFrom4([4]byte{10, 0, 0, byte(w.random.IntN(4))})
	}
	return netip.AddrFrom16([16]byte{0: 0xfd, 15: byte(w.random.IntN(4))})
}

// settleOn draws a client's way to the node, and the address that the node must find.
func (c *client) settleOn() {
	w := c.w
	if c == w.witness {
		c.From = netip.MustParseAddr("203.0.113.1")
		c.home = homeOf(c.From)
		return
	}
	client, lie := w.address(), w.address()
	if c.way = way([]int{0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6}[w.random.IntN(16)]); c.manner == late && c.way == impostor {
		c.way = direct // a client that never ends its request must send valid bytes
	}
	c.From, c.home = w.proxy(), homeOf(client)
	lies := []string{"", "unknown, ", lie.String() + ", ", "10.0.0.1, " + lie.String() + " ,,"}[w.random.IntN(4)]
	switch c.way {
	case direct:
		c.From, c.forwarded = client, lies
	case line:
		c.header, c.forwarded = lineOf(client, c.From), lies
	case binaryWay:
		c.header, c.forwarded = binaryOf(client, c.From), lies
	case forwarded:
		c.forwarded = lies + w.hop(client)
		c.header = [][]byte{nil, []byte("PROXY UNKNOWN\r\n"), local}[w.random.IntN(3)]
	case relayed:
		first := w.proxy()
		if c.forwarded = lies + w.hop(client); w.random.IntN(2) == 0 {
			c.forwarded += ", " + w.hop(first)
		} else {
			c.header = lineOf(first, c.From)
		}
	case silent:
		c.home = homeOf(c.From)
		c.forwarded = []string{"", client.String() + ", nobody", "1.2.3.4.5"}[w.random.IntN(3)]
	case impostor:
		c.From = client
		c.header = [][]byte{lineOf(lie, client), binaryOf(lie, client)}[w.random.IntN(2)]
	}
}

// local is the header of a proxy that speaks for itself.
var local = append([]byte("\r\n\r\n\x00\r\nQUIT\n"), 0x20, 0, 0, 0)

func lineOf(client, proxy netip.Addr) []byte {
	family := "TCP6"
	if client.Is4() && proxy.Is4() {
		family = "TCP4"
	}
	return fmt.Appendf(nil, "PROXY %s %s %s 40000 8000\r\n", family, client, proxy)
}

func binaryOf(client, proxy netip.Addr) []byte {
	b := append([]byte("\r\n\r\n\x00\r\nQUIT\n"), 0x21)
	if client.Is4() && proxy.Is4() {
		from, to := client.As4(), proxy.As4()
		b = append(append(append(b, 0x11, 0, 12), from[:]...), to[:]...)
	} else {
		from, to := client.As16(), proxy.As16()
		b = append(append(append(b, 0x21, 0, 36), from[:]...), to[:]...)
	}
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, 40000), 8000)
}

// hop writes an address as proxies do.
func (w *world) hop(a netip.Addr) string {
	switch w.random.IntN(3) {
	case 0:
		return netip.AddrPortFrom(a, 40000).String()
	case 1:
		return "  " + a.String()
	}
	return a.String()
}

// dress adds the headers of proxies to a request.
func (c *client) dress(request []byte) []byte {
	if c.origin.forwarded == "" {
		return request
	}
	return bytes.Replace(request, []byte("Host: "), []byte("X-Forwarded-For: "+c.origin.forwarded+"\r\nHost: "), 1)
}

// enter counts the client under its address, as docs/PROTOCOL.md and ADR 8 have it, or finds that it is one too many.
func (c *client) enter() {
	most := c.w.sc.perAddress
	if most == 0 || c.place != nil {
		return
	}
	n := c.w.census[c.home]
	if n == nil {
		n = &census{}
		c.w.census[c.home] = n
	}
	switch {
	case n.held < most:
		c.place = &n.held
	case n.refused < refusedAtOnce:
		c.place, c.crowded = &n.refused, true
	default:
		c.crowded, c.turned = true, true
		return
	}
	*c.place++
}

// vacate gives the place back.
func (c *client) vacate() {
	if c.place != nil {
		*c.place--
		c.place = nil
	}
}

// known says that the node knows the client's address by its socket.
func (c *client) known() bool { return c.way == direct || c.way == impostor }

// losses are connections of a user that were lost at one moment. In a turn, the node learns of them after the turn.
type losses struct {
	at time.Time
	n  int
}

func (l *losses) add(now time.Time) {
	if !l.at.Equal(now) {
		*l = losses{at: now}
	}
	l.n++
}

func (l *losses) count(now time.Time) int {
	if l.at.Equal(now) {
		return l.n
	}
	return 0
}
