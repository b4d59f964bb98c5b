package top

import "testing"

func TestBytesAreShort(t *testing.T) {
	for n, want := range map[float64]string{0: "0B", 999: "999B", 1000: "1.0K", 123456: "121K", 2 << 20: "2.0M", 5 << 40: "5.0T"} {
		if got := bytes(n); got != want {
			t.Errorf("%v is %s, want %s", n, got, want)
		}
	}
}

func TestNamesCannotMoveTheCursor(t *testing.T) {
	if got := printable("a\x1b[2J\nb\u202e"); got != "a?[2J?b?" {
		t.Errorf("%q", got)
	}
}
