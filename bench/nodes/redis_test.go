package nodes

import (
	"bufio"
	"io"
	"net"
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

func TestARestartedRedisHasItsAddressAndWhatItsDirectoryHas(t *testing.T) {
	g := newGroup(t)
	r, err := g.StartRedis(AnyCore, "--appendonly", "yes")
	if err != nil {
		t.Fatal(err)
	}
	set(t, r)
	addr := r.Addr
	r.Kill()
	if err := r.Restart(g); err != nil || r.Addr != addr || r.Number("aof_enabled") != 1 {
		t.Errorf("%v at %v, not %v", err, r.Addr, addr)
	}
	if info, _ := r.Info(); info["db0"] == "" {
		t.Error("the key has gone")
	}
	r.Kill()
	if err := r.Restart(g, "--appendonly", "no"); err != nil {
		t.Error(err)
	}
	if info, _ := r.Info(); info["db0"] != "" {
		t.Error("an empty server has a key")
	}
}

// set has the server keep a key.
func set(t *testing.T, r *Redis) {
	t.Helper()
	conn, err := net.Dial("tcp", r.Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "SET k v\r\n"); err != nil {
		t.Fatal(err)
	}
	if answer, err := bufio.NewReader(conn).ReadString('\n'); answer != "+OK\r\n" {
		t.Fatalf("%q, %v", answer, err)
	}
}
