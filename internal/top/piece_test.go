package top

import "testing"

func TestTonesBecomeColoursIfTheTerminalHasThem(t *testing.T) {
	l := line{{"STORM", bad}, {" · ", plain}, {"", good}, {"a\x1b[31mb  ", plain}, {"  ", caution}}
	for _, tt := range []struct {
		width    int
		coloured bool
		want     string
	}{
		{80, false, "STORM · a?[31mb"}, {80, true, "\x1b[1;31mSTORM\x1b[m · a?[31mb"}, {3, true, "\x1b[1;31mSTO\x1b[m"}, {0, true, ""},
	} {
		if got := l.render(tt.width, tt.coloured); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}

func TestItemsAreWrapped(t *testing.T) {
	lines := wrap(pieces("one", "two", "three"), 10)
	if len(lines) != 2 || lines[0].render(10, false) != "one · two" || lines[1].render(10, false) != "  three" {
		t.Errorf("%v", lines)
	}
}
