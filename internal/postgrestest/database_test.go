package postgrestest

import "testing"

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	Exec(t, Database(t), "CREATE TABLE mine ()")
	Exec(t, Database(t), "CREATE TABLE mine ()")
}
