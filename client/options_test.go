package client

import "testing"

func TestAddressesAreRead(t *testing.T) {
	for _, tt := range []struct{ text, url, address string }{
		{"ws://host/ws", "ws://host/ws", "host:80"},
		{"wss://host", "wss://host/", "host:443"},
		{"https://[::1]:8000/ws?token=a", "wss://[::1]:8000/ws?token=a", "[::1]:8000"},
		{"http://host:1/", "ws://host:1/", "host:1"},
		{"ftp://host/", "", ""},
		{"ws:///ws", "", ""},
		{"ws://host/#a", "", ""},
		{"ws://ho st/", "", ""},
		{"", "", ""},
	} {
		u, err := parseURL(tt.text)
		if (err == nil) != (tt.url != "") || err == nil && (u.String() != tt.url || address(u) != tt.address) {
			t.Errorf("%q: %v, %v", tt.text, u, err)
		}
	}
}

func TestRandomNumbersAreInRange(t *testing.T) {
	random, other := Options{}.complete().Random, Options{}.complete().Random
	same := 0
	for range 100 {
		a, b := random(), other()
		if a < 0 || a >= 1 {
			t.Fatal(a)
		}
		if a == b {
			same++
		}
	}
	if same == 100 {
		t.Error("two clients wait the same times")
	}
}
