package doctor

import (
	"os"
	"testing"
	"time"

	"momentum/internal/postgrestest"
	"momentum/server/directory/postgres"
)

func TestConnectionsOfTheDatabaseAreCompared(t *testing.T) {
	for _, tt := range []struct {
		name              string
		nodes, pool, used int
		took              time.Duration
		level             Level
		text              string
	}{
		{"enough", 2, 10, 5, 0, OK, "has 92 connections left, and 2 nodes open up to 22"},
		{"too many nodes", 10, 10, 5, 0, Problem, "max_connections = 133"},
		{"a smaller pool helps", 10, 10, 5, 0, Problem, "DB_POOL_SIZE=8"},
		{"others use them", 1, 20, 90, 0, Warning, "90 of its 97"},
		{"slow", 1, 1, 0, time.Second, Warning, "took 1s"},
	} {
		n := someNode()
		n.Nodes, n.PoolSize = tt.nodes, tt.pool
		expect(t, tt.name, checkCapacity(&postgres.Capacity{Max: 100, Reserved: 3, Used: tt.used, Version: "16"}, tt.took, n), tt.level, tt.text)
	}
}

func TestADatabaseIsAsked(t *testing.T) {
	d, err := postgres.Open(postgres.Options{URL: postgrestest.Database(t), PoolSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	found := Postgres(t.Context(), d, someNode(), time.Now)
	d.Close()
	expect(t, "connections", found, OK, "connections left")
	expect(t, "tables", found, Problem, "momentum migrate")
	expect(t, "clock", found, OK, "agrees with that of PostgreSQL")
	d, err = postgres.Open(postgres.Options{URL: "postgresql://a@127.0.0.1:1/b", PoolSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	expect(t, "away", Postgres(t.Context(), d, someNode(), time.Now), Problem, "DATABASE_URL")
}

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }
