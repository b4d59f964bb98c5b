package redistest

import (
	"net/url"
	"slices"
	"testing"
)

func TestSentinelsPromoteTheReplicaOfAKilledPrimary(t *testing.T) {
	t.Parallel() // it waits for timers of Redis
	s := Sentinel(t, "requirepass secret")
	first, second := s.Primary, s.Replica
	first.Do(t, "SET", "key", "kept")
	first.Do(t, "WAIT", "1", "10000")
	first.Kill(t)
	s.AwaitFailover(t)
	if s.Primary != second || s.Replica != first {
		t.Error("the fields still have the old roles")
	}
	if got := s.Primary.Do(t, "GET", "key"); got != "kept" {
		t.Error("the new primary has", got)
	}
	s.Primary.Do(t, "SET", "key", "changed")
	first.Restart(t)
	first.AwaitReplicaOf(t, second)
	if got := first.Do(t, "GET", "key"); got != "changed" {
		t.Error("the old primary has", got)
	}
}

func TestTheURLOfSentinelsNamesAllAndThePrimary(t *testing.T) {
	s := &Sentinels{Primary: &Server{port: 1, directives: []string{"requirepass secret"}}, Nodes: []*Server{{port: 2}, {port: 3}, {port: 4}}}
	u, err := url.Parse(s.URL())
	must(t, err)
	if want := []string{"127.0.0.1:3", "127.0.0.1:4"}; u.Host != "127.0.0.1:2" || !slices.Equal(u.Query()["addr"], want) {
		t.Error("the URL is", u)
	}
	if password, _ := u.User.Password(); password != "secret" || u.Query().Get("master_set") != primaryName || u.Path != "/0" {
		t.Error("the URL is", u)
	}
	if want := []string{"127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4"}; !slices.Equal(s.Addrs(), want) {
		t.Error(s.Addrs())
	}
}

func TestPairsAreReadFromAList(t *testing.T) {
	if got := pairs([]any{"a", "1", "b", nil}); len(got) != 2 || got["a"] != "1" || got["b"] != nil {
		t.Error(got)
	}
}
