package redis

import (
	"strings"
	"testing"

	"momentum/internal/redistest"
)

func TestServersThatCannotBeUsedAreExplained(t *testing.T) {
	for _, tt := range []struct {
		s   server
		why string
	}{
		{server{version: "6.2.14", role: "master"}, "use Redis 7.0 or newer"},
		{server{role: "master"}, "use Redis 7.0 or newer"},
		{server{version: "7.2.4", role: "slave"}, "is a replica"},
	} {
		if err := tt.s.check(); err == nil || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%+v: %v", tt.s, err)
		}
	}
	for _, version := range []string{"7.0.0", "7.2.4", "10.1"} {
		if err := (&server{version: version, role: "master"}).check(); err != nil {
			t.Errorf("%s: %v", version, err)
		}
	}
}

func TestAServerSaysWhatItIs(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "maxmemory-policy allkeys-lru")
	d := &dialer{target: &target{addresses: []string{s.Addr()}}, lost: func(error) {}}
	client, err := d.client(s.Addr(), 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	got, err := ask(client)
	if err != nil || got.check() != nil || got.cluster || !strings.Contains(got.warning(), "noeviction") {
		t.Errorf("%+v, %v", got, err)
	}
}
