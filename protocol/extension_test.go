package protocol

import (
	"strings"
	"testing"
)

func TestRFC7692Section71Negotiation(t *testing.T) {
	const both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	for _, c := range []struct{ offers, want string }{
		{"permessage-deflate", both},
		{"permessage-deflate; client_max_window_bits", both},
		{"permessage-deflate; client_no_context_takeover; client_max_window_bits", both},
		{"permessage-deflate; client_no_context_takeover; client_max_window_bits; server_max_window_bits=9", both + "; server_max_window_bits=9"},
		{"permessage-deflate; server_max_window_bits=15; server_no_context_takeover", both + "; server_max_window_bits=15"},
		{"permessage-deflate; server_max_window_bits=8", both + "; server_max_window_bits=8"},
		{`permessage-deflate; server_max_window_bits="10"`, both + "; server_max_window_bits=10"},
		{"Permessage-Deflate;Client_Max_Window_Bits = 12", both},
		{"x-webkit-deflate-frame, permessage-deflate", both},
		{`foo; a="x, permessage-deflate"; b, permessage-deflate; server_max_window_bits=11`, both + "; server_max_window_bits=11"},
		// Declined, and the next offer is considered.
		{"permessage-deflate; server_max_window_bits=7, permessage-deflate", both},
		{"permessage-deflate; server_max_window_bits=16, permessage-deflate; server_max_window_bits=12", both + "; server_max_window_bits=12"},
		{"permessage-deflate; server_max_window_bits", ""},
		{"permessage-deflate; server_max_window_bits=09", ""},
		{"permessage-deflate; server_max_window_bits=", ""},
		{"permessage-deflate; client_max_window_bits=", ""},
		{"permessage-deflate; client_max_window_bits=16", ""},
		{"permessage-deflate; server_no_context_takeover=1", ""},
		{"permessage-deflate; client_no_context_takeover=", ""},
		{"permessage-deflate; server_no_context_takeover; server_no_context_takeover", ""},
		{"permessage-deflate; client_max_window_bits; client_max_window_bits=9", ""},
		{"permessage-deflate; unknown", ""},
		{"permessage-deflate;", ""},
		{"permessage-deflate-2", ""},
		{"deflate", ""},
		{"", ""},
	} {
		h := Handshake{Extensions: [][]byte{[]byte(c.offers)}}
		got := strings.TrimPrefix(string(h.NegotiateDeflate().appendResponse(nil)), "\r\nSec-WebSocket-Extensions: ")
		if got != c.want {
			t.Errorf("%q: responded %q, want %q", c.offers, got, c.want)
		}
	}
	h := Handshake{Extensions: [][]byte{[]byte("permessage-deflate; x"), []byte("permessage-deflate")}}
	if !h.NegotiateDeflate().Agreed() {
		t.Error("an offer in a second header is ignored")
	}
}
