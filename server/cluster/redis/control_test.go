package redis

import (
	"slices"
	"strings"
	"testing"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

func TestNotesReachOneNodeOrAllInOrder(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a, b := healthy(t, s.URL()), healthy(t, s.URL())
	var want []string
	for i := range 200 {
		text := strings.Repeat("x", i)
		to := []cluster.NodeID{"", cluster.NodeID(b.node)}[i%2]
		if !a.SendNote(to, []byte(text)) {
			t.Fatal("refused")
		}
		want = append(want, a.node+" "+text)
	}
	b.await("200 notes", func() bool { return len(b.told) == 200 })
	a.await("100 notes", func() bool { return len(a.told) == 100 })
	if !slices.Equal(b.told, want) {
		t.Error("the notes come in another order")
	}
	if a.SendNote("", make([]byte, cluster.MaxNoteBytes+1)) {
		t.Error("too long a note is taken")
	}
}
