package doctor

import (
	"context"
	"fmt"
	"time"

	"momentum/server/directory/postgres"
)

// Postgres examines the database of the users.
func Postgres(ctx context.Context, d *postgres.Database, n *Node, now func() time.Time) []Finding {
	before := now()
	c, err := d.Capacity(ctx)
	if err != nil {
		return []Finding{problem("PostgreSQL", inSettings("DATABASE_URL"), "%v", err)}
	}
	took := now().Sub(before)
	found := checkCapacity(&c, took, n)
	if err := d.Check(ctx); err != nil {
		found = append(found, problem("PostgreSQL", nil, "%v", err))
	}
	return append(found, offset("PostgreSQL", c.Clock, before.Add(took/2))...)
}

// checkCapacity compares the connections that the nodes may open with those that the server has left. Each node opens
// one more for notifications.
func checkCapacity(c *postgres.Capacity, took time.Duration, n *Node) (all []Finding) {
	const subject = "PostgreSQL"
	nodes := max(n.Nodes, 1)
	wanted, there := nodes*(n.PoolSize+1), c.Max-c.Reserved
	switch {
	case wanted > there:
		all = append(all, problem(subject, []string{
			fmt.Sprintf("postgresql.conf, then restart it: max_connections = %d", wanted+c.Reserved+20),
			fmt.Sprintf("or the settings of the server: DB_POOL_SIZE=%d", max(1, there/nodes-1)),
		}, "it takes %d connections, and %d nodes open up to %d (DB_POOL_SIZE and one each)", there, nodes, wanted))
	case wanted > there-c.Used:
		all = append(all, warning(subject, []string{fmt.Sprintf("postgresql.conf, then restart it: max_connections = %d", wanted+c.Used+c.Reserved)},
			"%d of its %d connections are in use, by these nodes or others, and %d nodes open up to %d", c.Used, there, nodes, wanted))
	default:
		all = append(all, ok(subject, "version %s has %d connections left, and %d nodes open up to %d", c.Version, there-c.Used, nodes, wanted))
	}
	if took > 500*time.Millisecond {
		all = append(all, warning(subject, nil, "it took %v to connect and answer: a storm waits for it", took.Round(time.Millisecond)))
	}
	return all
}
