package redis

import (
	"testing"

	"momentum/internal/redistest"
)

func TestSlotsAreThoseOfRedis(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "cluster-enabled yes")
	for _, tag := range []string{"0", "123456789", "foo", "", "ü"} {
		if got := s.Do(t, "CLUSTER", "KEYSLOT", tag); got != int64(slotOf(tag)) {
			t.Errorf("%q is in slot %v, not %d", tag, got, slotOf(tag))
		}
	}
}

func TestThePartitionsOfAClusterAreSpreadEvenly(t *testing.T) {
	for p, tag := range clusterTags() {
		if slot := slotOf(tag); slot/64 != p {
			t.Errorf("partition %d has the slot %d", p, slot)
		}
	}
}
