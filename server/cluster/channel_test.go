package cluster

import (
	"testing"

	"github.com/google/uuid"
)

func TestChannelsDifferByKindAndName(t *testing.T) {
	id := uuid.New()
	seen := make(map[Channel]bool)
	for _, c := range []Channel{{}, DirectOf(id), DirectOf(uuid.Nil), TopicOf(""), TopicOf(id.String())} {
		if seen[c] {
			t.Errorf("%+v is another channel, too", c)
		}
		seen[c] = true
	}
}

func TestEpochsHaveSevenCharacters(t *testing.T) {
	for e, want := range map[Epoch]string{0: "AAAAAAA", 1: "AAAAAAE", 1<<40 - 1: "______8"} {
		if got := e.String(); got != want {
			t.Errorf("%d is %q, not %q", uint64(e), got, want)
		}
	}
}
