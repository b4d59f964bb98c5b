package top

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

func TestOneListIsAskedForAtATime(t *testing.T) {
	p := &program{ctx: t.Context(), node: fake{}, model: New()}
	if _, ask := p.Update(seen{sample()}); ask == nil {
		t.Fatal("a view asks for no list")
	}
	if _, ask := p.Update(seen{sample()}); ask != nil {
		t.Error("a second list is asked for before the first is there")
	}
	p.Update(listed{sort: "bytes_out", rows: rows(), known: true})
	if _, ask := p.Update(tea.KeyPressMsg{Code: 'u', Text: "u"}); ask == nil || p.model.Sort != "queue" {
		t.Errorf("a key does not sort: %s", p.model.Sort)
	}
}
