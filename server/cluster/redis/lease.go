package redis

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"momentum/server/cluster"
)

// Times of a lease.
const (
	leaseLife     = 10 * time.Second
	leaseInterval = 3 * time.Second
	sweepPatience = 30 * time.Second // after which another node may take over a sweep
)

// lease is a node's membership of the cluster. Its number stands for the node in the directory of users.
type lease struct {
	number string // "": there is none
	epochs string // in which it was made
}

// renewal is the answer to a renewal.
type renewal struct {
	number  string
	retired bool   // the number to end was this node's
	sweep   string // a number whose users this node has to sweep; ""
	nodes   []cluster.Peer
}

// leaseKeys are the keys of the script, in the partition of the broadcast.
func (n *names) leaseKeys() []string {
	keys := []string{"nodes", "ended", "infos", "renewed", "number"}
	for i, k := range keys {
		keys[i] = n.key(0, k)
	}
	return keys
}

// renewalOf makes the call that renews a lease, and ends this node's earlier lease, if it had one.
func renewalOf(n *names, id string, own, before string, i cluster.Info) evaluation {
	about, _ := json.Marshal(i) // values of a struct without cycles: it cannot fail
	return evaluation{&leaseScript, n.leaseKeys(), []string{
		own, id, string(about), before, milliseconds(leaseLife), milliseconds(sweepPatience),
	}}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

var errLease = errors.New("the answer about the nodes cannot be read")

// readRenewal reads the answer of the script. The node itself comes first.
func readRenewal(r rueidis.RedisResult, self string) (renewal, error) {
	list, err := r.ToArray()
	if err != nil {
		return renewal{}, err
	}
	if len(list) != 4 {
		return renewal{}, errLease
	}
	number, err1 := list[0].ToString()
	retired, err2 := list[1].AsInt64()
	sweep, err3 := list[2].ToString()
	infos, err4 := list[3].AsStrSlice()
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return renewal{}, err
	}
	return renewal{number: number, retired: retired == 1, sweep: sweep, nodes: readNodes(infos, self)}, nil
}

// readNodes reads descriptions. One that another version has written in another way has an id alone.
func readNodes(infos []string, self string) []cluster.Peer {
	nodes := make([]cluster.Peer, 0, len(infos))
	for _, text := range infos {
		id, about, _ := strings.Cut(text, " ")
		p := cluster.Peer{ID: cluster.NodeID(id)}
		_ = json.Unmarshal([]byte(about), &p.Info)
		nodes = append(nodes, p)
		if last := len(nodes) - 1; id == self {
			nodes[0], nodes[last] = nodes[last], nodes[0]
		}
	}
	return nodes
}
