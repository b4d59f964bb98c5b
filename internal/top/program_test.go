package top

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"momentum/internal/adminapi"
)

func TestOneListIsAskedForAtATime(t *testing.T) {
	p := newProgram(t.Context(), fake{})
	if _, ask := p.Update(seen{sample()}); ask == nil {
		t.Fatal("a view asks for no list")
	}
	if _, ask := p.Update(seen{sample()}); ask != nil {
		t.Error("a second list is asked for before the first is there")
	}
	p.Update(listed{sort: "bytes_out", window: 10, rows: rows(), known: true})
	if _, ask := p.Update(tea.KeyPressMsg{Code: 'u', Text: "u"}); ask == nil || p.model.Sort != "queue" {
		t.Errorf("a key does not sort: %s", p.model.Sort)
	}
	p.Update(listed{sort: "queue", window: 10, rows: rows(), known: true})
	if _, ask := p.Update(tea.KeyPressMsg{Code: 'w', Text: "w"}); ask == nil || ask().(listed).window != 60 {
		t.Error("a key does not change the window")
	}
}

func TestANodeThatComesBackIsAskedForItsListAgain(t *testing.T) {
	p := newProgram(t.Context(), fake{})
	p.Update(seen{sample()})
	p.Update(listed{sort: "bytes_out", window: 10})
	if _, ask := p.Update(seen{sample()}); ask != nil || !p.model.NoTable {
		t.Error("a node without a list is asked again")
	}
	p.now = func() time.Time { return noon }
	p.Update(seen{sample()})
	p.now = func() time.Time { return noon.Add(time.Minute) }
	if p.Update(cut{io.EOF}); !strings.Contains(p.model.Text(80, 24), "no data since 12:00:00 UTC") {
		t.Error(p.model.Text(80, 24))
	}
	if _, ask := p.Update(seen{sample()}); ask == nil || p.model.NoTable {
		t.Error("the node that comes back is not asked")
	}
}

func TestRowsOfAListThatFailsAreOld(t *testing.T) {
	p := newProgram(t.Context(), fake{})
	p.Update(seen{sample()})
	p.Update(listed{sort: "bytes_out", window: 10, rows: rows(), known: true})
	p.Update(listed{sort: "bytes_out", window: 10, known: true, err: &adminapi.Refusal{Status: 503, Code: "overloaded"}})
	if text := p.model.Text(160, 40); !strings.Contains(text, "OLD HEAVIEST") || !strings.Contains(text, "503 overloaded") || !strings.Contains(text, "alice") {
		t.Error(text)
	}
	if p.Update(listed{sort: "bytes_out", window: 10, rows: rows(), known: true}); strings.Contains(p.model.Text(160, 40), "OLD") {
		t.Error("new rows are old")
	}
}

func TestARefusedTokenEndsTheProgram(t *testing.T) {
	denied := &adminapi.Refusal{Status: 401, Code: "unauthorized"}
	for _, message := range []tea.Msg{cut{denied}, listed{sort: "bytes_out", window: 10, known: true, err: denied}} {
		p := newProgram(t.Context(), fake{})
		if _, end := p.Update(message); end == nil || end() != tea.Quit() || !errors.Is(p.denied, denied) {
			t.Errorf("%T: %v", message, p.denied)
		}
	}
	if err := Run(t.Context(), refusing{denied: denied}, strings.NewReader(""), io.Discard); !adminapi.IsDenied(err) {
		t.Errorf("the program returns %v", err)
	}
}

func TestColoursAreShownUnlessTheUserWantsNone(t *testing.T) {
	for value, want := range map[string]bool{"": true, "1": false, "please": false} {
		t.Setenv("NO_COLOR", value)
		p := newProgram(t.Context(), fake{})
		p.Update(seen{sample()})
		if got := strings.Contains(p.View().Content, "\x1b[32mCALM"); got != want {
			t.Errorf("with NO_COLOR=%q there are colours: %v", value, got)
		}
	}
}
