package postgres

import (
	"testing"
	"time"

	"momentum/internal/postgrestest"
)

func TestCapacityOfAServer(t *testing.T) {
	c, err := open(t, Options{URL: postgrestest.Database(t)}).Capacity(within(t))
	if err != nil || c.Max < 10 || c.Reserved < 1 || c.Used < 1 || c.Version == "" || time.Since(c.Clock).Abs() > time.Minute {
		t.Errorf("%+v, %v", c, err)
	}
}
