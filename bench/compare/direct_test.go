package main

import (
	"testing"
	"time"
)

func TestDirectLoadTimesItsOwnMessagesOnly(t *testing.T) {
	f := connectFleet(t, productServer{newMembers()}, &productDialect, 3)
	k, err := newDirectLoad(f)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	if err := f.conns[0].send(productDialect.broadcast(0), time.Now()); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if err := k.run(time.Now().Add(200 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if k.count > 10 {
			break
		}
	}
	if k.count < 10 || k.micros(50) <= 0 || k.micros(99) > 1e6 {
		t.Errorf("%d messages, half of them in %f µs, 99 %% in %f", k.count, k.micros(50), k.micros(99))
	}
}
