package top

import (
	"testing"
	"time"
)

// press presses keys of one letter each.
func press(m Model, keys string) Model {
	for _, k := range keys {
		m = m.Key(string(k), string(k))
	}
	return m
}

func TestKeysSortTheTable(t *testing.T) {
	for key, want := range map[string]string{"b": "bytes_out", "i": "bytes_in", "u": "queue", "r": "refused", "x": "bytes_out"} {
		if got := press(New(), key).Sort; got != want {
			t.Errorf("%s sorts by %s", key, got)
		}
	}
	if m := press(New(), "i").Listed("bytes_out", 10, rows()); m.Rows != nil {
		t.Error("rows of the order before are shown below the new one")
	}
}

func TestAFilterIsTypedAndCleared(t *testing.T) {
	m := press(New().Listed("bytes_out", 10, rows()), "/aliq").Key("backspace", "")
	if m.Quit || m.Filter != "ali" || len(m.shown()) != 1 {
		t.Errorf("%q shows %d rows", m.Filter, len(m.shown()))
	}
	if m = m.Key("enter", ""); m.Typing || m.Filter != "ali" || !press(m, "q").Quit {
		t.Errorf("%+v", m)
	}
	if m = m.Key("esc", ""); m.Filter != "" || len(m.shown()) != 3 {
		t.Errorf("%+v", m)
	}
}

func TestAPauseKeepsTheView(t *testing.T) {
	first, second := sample(), sample()
	m := press(New().Seen(first, noon), "p").Seen(second, noon)
	if m.View != first {
		t.Error("a view replaces the one that is paused")
	}
	if m = press(m, "p").Seen(second, noon); m.View != second {
		t.Error("the pause does not end")
	}
}

func TestALostStreamIsReportedUntilTheNextView(t *testing.T) {
	never := New().Cut("gone", noon).Cut("still gone", noon.Add(time.Second))
	if never.Lost != "still gone" || !never.Since.Equal(noon) {
		t.Errorf("a node that never answered: %+v", never)
	}
	m := never.Seen(sample(), noon.Add(time.Minute)).Cut("gone", noon.Add(time.Hour))
	if m.Lost != "gone" || !m.Since.Equal(noon.Add(time.Minute)) || m.Seen(sample(), noon.Add(2*time.Hour)).Lost != "" {
		t.Errorf("a node that has gone: %+v", m)
	}
}

func TestAKeyChangesTheWindow(t *testing.T) {
	m := press(New().Listed("bytes_out", 10, rows()), "w")
	if m.Window != 60 || m.Rows != nil || m.Listed("bytes_out", 10, rows()).Rows != nil || m.Listed("bytes_out", 60, rows()).Rows == nil {
		t.Errorf("%+v", m)
	}
	if m = press(m, "w"); m.Window != 10 {
		t.Errorf("the key does not go back: %+v", m)
	}
}

func TestCtrlCQuitsAlsoWhileAFilterIsTyped(t *testing.T) {
	if !press(New(), "/").Key("ctrl+c", "").Quit || press(New(), "/q").Quit {
		t.Error("it does not")
	}
}
