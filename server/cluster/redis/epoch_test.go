package redis

import "testing"

func TestEpochsChangeWithTheDataAndWithThePrimary(t *testing.T) {
	a, err := newEpoch("e", "replid", "random:1")
	if err != nil || a.id == 0 || a.id>>40 != 0 || len(a.id.String()) != 7 {
		t.Fatalf("%+v, %v", a, err)
	}
	b, _ := newEpoch("e", "replid", "random:2")
	c, _ := newEpoch("e", "other", "random:1")
	d, _ := newEpoch("e", "replid", "random:1")
	if a.id == b.id || a.id == c.id || a.id != d.id {
		t.Errorf("%v, %v, %v, %v", a.id, b.id, c.id, d.id)
	}
	if _, err := newEpoch("e", "", "x"); err == nil {
		t.Error("an epoch without a replication id")
	}
}
