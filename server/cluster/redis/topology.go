package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/redis/rueidis"
)

// place is a primary, and the partitions that it has.
type place struct {
	address    string
	partitions []int
}

// topology says where the primaries are.
type topology struct {
	tags   []string // of the partitions
	places []place
}

// equal returns whether the primaries are at the same places.
func (t *topology) equal(u *topology) bool {
	return slices.EqualFunc(t.places, u.places, func(a, b place) bool {
		return a.address == b.address && slices.Equal(a.partitions, b.partitions)
	})
}

// whole is the tag of the only partition without Redis Cluster: none.
var whole = []string{""}

// resolve finds the primaries: it asks one address after another. It is called for each attachment, because they may have moved.
func (d *dialer) resolve() (t *topology, err error) {
	for _, address := range d.target.addresses {
		if d.target.sentinel != "" {
			t, err = d.askSentinel(address)
		} else {
			t, err = d.askServer(address)
		}
		if err == nil {
			return t, nil
		}
		err = fmt.Errorf("%s: %w", address, err)
	}
	return nil, err
}

// askServer asks a server whether it is the primary, or where those of its cluster are.
func (d *dialer) askServer(address string) (*topology, error) {
	client, err := d.client(address, 1, d.target.database)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	s, err := ask(client)
	if err != nil {
		return nil, err
	}
	if s.cluster {
		return askCluster(client, address)
	}
	return &topology{tags: whole, places: []place{{address: address, partitions: []int{0}}}}, s.check()
}

// askSentinel asks a sentinel where the primary is. Sentinels may have the user of the servers, or none.
func (d *dialer) askSentinel(address string) (*topology, error) {
	client, err := d.client(address, 1, 0)
	if refused, ok := rueidis.IsRedisErr(err); ok && refused != nil {
		open := *d.target
		open.user, open.password = "", ""
		client, err = d.clientOf(&open, address, 1, 0)
	}
	if err != nil {
		return nil, err
	}
	defer client.Close()
	at, err := client.Do(context.Background(), client.B().SentinelGetMasterAddrByName().Master(d.target.sentinel).Build()).AsStrSlice()
	if rueidis.IsRedisNil(err) || err == nil && len(at) != 2 {
		err = fmt.Errorf("the sentinel knows no primary %q", d.target.sentinel)
	}
	if err != nil {
		return nil, err
	}
	return &topology{tags: whole, places: []place{{address: net.JoinHostPort(at[0], at[1]), partitions: []int{0}}}}, nil
}

var errSlots = errors.New("the cluster has partitions without a primary")

// askCluster asks a server of a cluster where the partitions are. Its own address stands for a host that it does not name.
func askCluster(client rueidis.Client, address string) (*topology, error) {
	ranges, err := client.Do(context.Background(), client.B().ClusterSlots().Build()).ToArray()
	if err != nil {
		return nil, err
	}
	t := &topology{tags: clusterTags()}
	found := 0
	for _, r := range ranges {
		first, last, primary, err := slotRange(&r, address)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(t.places, func(p place) bool { return p.address == primary })
		if i < 0 {
			i = len(t.places)
			t.places = append(t.places, place{address: primary})
		}
		for partition, tag := range t.tags {
			if slot := slotOf(tag); first <= slot && slot <= last {
				t.places[i].partitions = append(t.places[i].partitions, partition)
				found++
			}
		}
	}
	t.places = slices.DeleteFunc(t.places, func(p place) bool { return len(p.partitions) == 0 })
	if found != len(t.tags) {
		return nil, errSlots
	}
	return t, nil
}

// slotRange reads a row of CLUSTER SLOTS.
func slotRange(row *rueidis.RedisMessage, address string) (first, last int, primary string, err error) {
	fields, err := row.ToArray()
	if err != nil || len(fields) < 3 {
		return 0, 0, "", errSlots
	}
	from, err := fields[0].AsInt64()
	if err != nil {
		return 0, 0, "", err
	}
	to, err := fields[1].AsInt64()
	if err != nil {
		return 0, 0, "", err
	}
	node, err := fields[2].ToArray()
	if err != nil || len(node) < 2 {
		return 0, 0, "", errSlots
	}
	port, err := node[1].AsInt64()
	if err != nil {
		return 0, 0, "", err
	}
	host, err := node[0].ToString()
	if err != nil || host == "" {
		host, _, _ = net.SplitHostPort(address)
	}
	return int(from), int(to), net.JoinHostPort(host, strconv.FormatInt(port, 10)), nil
}
