package nodes

import (
	"strings"
	"testing"
)

func TestRedisSaysItsFigures(t *testing.T) {
	r, err := newGroup(t).StartRedis(AnyCore, "--maxmemory", "33mb")
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Number("maxmemory"); n != 33<<20 {
		t.Errorf("maxmemory is %d", n)
	}
	if r.Number("nothing") != 0 || r.Calls("nothing") != 0 {
		t.Error("there are figures of nothing")
	}
	before := r.Calls("info", "get")
	if after := r.Calls("info"); after != before+1 {
		t.Errorf("INFO was called %d times, and then %d", before, after)
	}
	if want := "redis://" + r.Addr.String() + "/0"; r.URL() != want || !strings.HasPrefix(r.Addr.String(), "127.0.0.1:") {
		t.Error(r.URL())
	}
	r.Kill()
	if _, err := r.Info(); err == nil {
		t.Error("a killed server answers")
	}
	if r.Number("maxmemory") != 0 || r.Calls("info") != 0 {
		t.Error("a killed server has figures")
	}
}
