package redistest

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestAClusterServesEachKeyAtItsOwner(t *testing.T) {
	t.Parallel() // it waits for timers of Redis
	c := Cluster(t, "appendonly yes")
	owners := make(map[*Server]bool)
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		owner := c.Owner(t, key)
		owners[owner] = true
		owner.Do(t, "SET", key, "kept")
		for _, node := range c.Nodes {
			if _, err := node.Try("GET", key); node != owner && (err == nil || !strings.HasPrefix(err.Error(), "MOVED") || !strings.HasSuffix(err.Error(), owner.Addr())) {
				t.Errorf("%s at another node: %v", key, err)
			}
		}
	}
	if len(owners) != 3 {
		t.Errorf("five keys have %d owners", len(owners))
	}
	victim := c.Owner(t, "a")
	victim.Kill(t)
	victim.Restart(t)
	c.AwaitOK(t)
	if got := victim.Do(t, "GET", "a"); got != "kept" {
		t.Error("after a crash and a restart:", got)
	}
}

func TestTheURLOfAClusterNamesAllNodes(t *testing.T) {
	c := &Shards{Nodes: []*Server{{port: 1, directives: []string{"requirepass secret"}}, {port: 2}, {port: 3}}}
	u, err := url.Parse(c.URL())
	must(t, err)
	password, _ := u.User.Password()
	if u.Host != "127.0.0.1:1" || !slices.Equal(u.Query()["addr"], []string{"127.0.0.1:2", "127.0.0.1:3"}) || password != "secret" || u.Path != "" {
		t.Error("the URL is", u)
	}
	if want := []string{"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"}; !slices.Equal(c.Addrs(), want) {
		t.Error(c.Addrs())
	}
}
