package redis

import (
	"strings"
	"testing"

	"momentum/internal/redistest"
)

func TestTheFirstAddressThatIsAPrimaryIsUsed(t *testing.T) {
	s, replica := redistest.Start(t), redistest.Start(t)
	host, port, _ := strings.Cut(s.Addr(), ":")
	replica.Do(t, "REPLICAOF", host, port)
	d := &dialer{target: &target{addresses: []string{"127.0.0.1:1", replica.Addr(), s.Addr()}}, lost: func(error) {}}
	if got, err := d.resolve(); err != nil || len(got.places) != 1 || got.places[0].address != s.Addr() {
		t.Errorf("%+v, %v", got, err)
	}
	d.target.addresses = d.target.addresses[:2]
	if _, err := d.resolve(); err == nil || !strings.Contains(err.Error(), replica.Addr()) || !strings.Contains(err.Error(), "replica") {
		t.Errorf("%v", err)
	}
}
