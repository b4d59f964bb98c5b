package redistest

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"testing"
)

// primaryName is the name under which the sentinels watch the primary.
const primaryName = "momentum"

// quick makes a sentinel find others, see a restarted server, and act again after a stop of the machine, in a second. By
// default these take 2, 10 and 30 seconds.
var quick = []string{"SENTINEL", "DEBUG", "publish-period", "200", "info-period", "500", "tilt-period", "1000"}

// Sentinels are a primary, its replica, and three sentinels that watch both. Two of them decide. They promote the replica
// some two seconds after the primary stops to answer.
type Sentinels struct {
	Primary, Replica *Server
	Nodes            []*Server // the sentinels
}

// Sentinel starts a primary, a replica and three sentinels, and waits until all know each other. The directives are those of
// the primary and the replica.
func Sentinel(t testing.TB, directives ...string) *Sentinels {
	t.Helper()
	primary := Start(t, directives...)
	all := &Sentinels{Primary: primary, Replica: primary.Replica(t, directives...)}
	host, port, _ := net.SplitHostPort(primary.Addr())
	watch := []string{
		fmt.Sprintf("sentinel monitor %s %s %s 2", primaryName, host, port),
		"sentinel down-after-milliseconds " + primaryName + " 1000",
		"sentinel failover-timeout " + primaryName + " 3000",
	}
	if password := primary.password(); password != "" {
		watch = append(watch, "sentinel auth-pass "+primaryName+" "+password)
	}
	for range 3 {
		s, err := create(sentinel, watch)
		all.Nodes = append(all.Nodes, s.begin(t, err))
	}
	for _, node := range all.Nodes {
		node.Do(t, quick...)
	}
	for _, node := range all.Nodes {
		await(t, "sentinel that knows all", func() (any, bool) {
			known := pairs(node.Do(t, "SENTINEL", "MASTER", primaryName))
			return known, known["flags"] == "master" && known["num-slaves"] == "1" && known["num-other-sentinels"] == "2"
		})
	}
	return all
}

// Addrs returns the addresses of the sentinels.
func (s *Sentinels) Addrs() []string { return addresses(s.Nodes) }

// URL returns one URL with the addresses of all sentinels and the name of the primary, as rueidis.ParseURL reads it.
func (s *Sentinels) URL() string {
	return together(s.Nodes, s.Primary.URL(), url.Values{"master_set": {primaryName}})
}

// AwaitFailover waits until every sentinel that runs names the replica as the primary, and exchanges the two fields.
func (s *Sentinels) AwaitFailover(t testing.TB) {
	t.Helper()
	for _, node := range s.Nodes {
		await(t, "failover to "+s.Replica.Addr(), func() (any, bool) {
			if node.cmd == nil {
				return nil, true
			}
			at, _ := node.Do(t, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", primaryName).([]any)
			return at, slices.Equal(at, []any{"127.0.0.1", fmt.Sprint(s.Replica.port)})
		})
	}
	s.Replica.awaitReplication(t, "primary at "+s.Replica.Addr(), func(info map[string]string) bool { return info["role"] == "master" })
	s.Primary, s.Replica = s.Replica, s.Primary
}

// pairs makes a map of a list of names and values.
func pairs(answer any) map[string]any {
	list, _ := answer.([]any)
	found := make(map[string]any)
	for pair := range slices.Chunk(list, 2) {
		name, _ := pair[0].(string)
		found[name] = pair[len(pair)-1]
	}
	return found
}

func addresses(servers []*Server) (all []string) {
	for _, s := range servers {
		all = append(all, s.Addr())
	}
	return all
}

// together makes one URL of a URL and of the servers' addresses: the first as the host, the others as parameters.
func together(servers []*Server, like string, parameters url.Values) string {
	u, _ := url.Parse(like) // it is one of ours
	u.Host = servers[0].Addr()
	parameters["addr"] = addresses(servers[1:])
	u.RawQuery = parameters.Encode()
	return u.String()
}
