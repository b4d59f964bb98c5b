package redis

import "testing"

func TestNotesThatWaitAreBounded(t *testing.T) {
	var n notes
	text := string(make([]byte, 1<<20))
	for n.add(note{"", text}) {
	}
	if len(n.waiting) != 7 {
		t.Errorf("%d notes of 1 MiB wait", len(n.waiting))
	}
	if got := n.take(); len(got) != 7 || n.bytes != 0 || n.take() != nil {
		t.Errorf("%d taken, %d bytes left", len(got), n.bytes)
	}
}

func TestChannelsOfNotesAreKnown(t *testing.T) {
	n := names{prefix: "mo", tags: whole}
	for channel, want := range map[string]bool{
		n.noteChannel(""): true, n.noteChannel("x"): true, n.part(broadcast, pubsub): false, n.part(user(1), pubsub): false, "a": false, "": false,
	} {
		if n.isNote(channel) != want {
			t.Errorf("%q: %v", channel, !want)
		}
	}
}
