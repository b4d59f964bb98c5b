package main

import (
	"context"
	"strings"
	"testing"

	"momentum/bench/nodes"
)

func TestAServerThatIsMissingEndsEachJob(t *testing.T) {
	for _, j := range jobs {
		s := size{binary: "/does/not/exist", rivals: "/does/not/exist", rounds: 1}
		if err := s.one(context.Background(), newRecord(&s), j, servers[0]); err == nil || !strings.Contains(err.Error(), "cannot start") {
			t.Errorf("%s: %v", j.name, err)
		}
	}
}

func TestARunThatIsOverStartsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	waits := func(_ *size, _ *record, g *nodes.Group, _ *server) error {
		<-ctx.Done()
		for {
			if _, err := g.Start(nodes.Command{Args: []string{"true"}, Core: nodes.AnyCore}); err != nil {
				return err
			}
		}
	}
	if err := (&size{}).one(ctx, nil, job{name: "x", do: waits}, servers[0]); err == nil || !strings.Contains(err.Error(), "have been ended") {
		t.Error(err)
	}
}
