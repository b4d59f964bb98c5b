package protocol

import (
	"bufio"
	"bytes"
	"net"
	"net/netip"
	"testing"

	"github.com/pires/go-proxyproto"
)

// readWithGoProxyproto returns the source that the library reads from a header, and the header's length; 0 if it reads none.
func readWithGoProxyproto(stream []byte) (source netip.Addr, length int) {
	in := bytes.NewReader(stream)
	buffered := bufio.NewReaderSize(in, 1<<16) // all of it at once: the library refuses a header in pieces
	header, err := proxyproto.Read(buffered)
	if err != nil {
		return netip.Addr{}, 0
	}
	if tcp, ok := header.SourceAddr.(*net.TCPAddr); ok && header.Command.IsProxy() {
		source = tcp.AddrPort().Addr().Unmap()
	}
	return source, len(stream) - in.Len() - buffered.Buffered()
}

// FuzzProxyHeader compares with another implementation, which must accept and refuse the same headers. The result must not
// depend on how a header arrives.
func FuzzProxyHeader(f *testing.F) {
	proxyproto.V1AcceptIPv4InTCP6 = true
	for _, seed := range [][]byte{
		[]byte("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\nGET"), []byte("PROXY TCP6 2001:db8::1 2001:db8::2 0 65535\r\n"),
		[]byte("PROXY UNKNOWN x\r\n"), []byte("PROXY TCP6 ::ffff:1.2.3.4 fe80::1%1 1 2\r\n"), []byte("GET / HTTP/1.1\r\n"),
		binaryProxy(0x21, 0x11, between("192.0.2.1", "198.51.100.2", 4, 0, 1, 9)...), binaryProxy(0x20, 0),
		binaryProxy(0x21, 0x21, between("2001:db8::1", "2001:db8::2")...), binaryProxy(0x21, 0x31, make([]byte, 216)...),
	} {
		f.Add(seed, uint16(20))
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut uint16) {
		got, refusal := ParseProxyHeader(stream)
		source, length := readWithGoProxyproto(stream)
		if bytes.HasPrefix(stream, binaryProxy(0x21, 0x00)[:14]) {
			source, length = got.Source, got.Len // UNSPEC with PROXY: a receiver may accept it (§2.2), and the library does not
		}
		if got.Len != length || got.Source != source {
			t.Fatalf("%q: %+v, %v; the library reads %d bytes from %v", stream, got, refusal, length, source)
		}
		early, tooEarly := ParseProxyHeader(stream[:min(int(cut), len(stream))])
		switch {
		case tooEarly != nil && refusal == nil, early.Len > 0 && early != got, !early.Partial && tooEarly == nil && early != got:
			t.Fatalf("%q: %+v, %v; of %d bytes: %+v, %v", stream, got, refusal, cut, early, tooEarly)
		case got.Partial && (got.Len > 0 || len(stream) >= proxyFixed+maxProxyBlock):
			t.Fatalf("%q: %+v waits for more", stream, got)
		}
	})
}
