package top

import (
	"strings"
	"testing"
)

func TestATableIsLeftOutIfTheNodeHasNone(t *testing.T) {
	m := New().Seen(sample(), noon).Listed("bytes_out", 10, rows())
	if !strings.Contains(m.Text(80, 24), "HEAVIEST") {
		t.Error("there is no table")
	}
	m.NoTable = true
	if strings.Contains(m.Text(80, 24), "HEAVIEST") {
		t.Error("there is a table")
	}
}
