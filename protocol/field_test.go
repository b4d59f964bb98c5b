package protocol

import (
	"strings"
	"testing"
)

// RFC 9110 §5.1: names of headers are not case-sensitive.
func TestRFC9110Section51HeaderNamesIgnoreCase(t *testing.T) {
	for _, spell := range []func(string) string{strings.ToLower, strings.ToUpper} {
		lines := make([]string, len(base))
		for i, line := range base {
			name, value, isHeader := strings.Cut(line, ": ")
			if lines[i] = line; isHeader {
				lines[i] = spell(name) + ": " + value
			}
		}
		var h Handshake
		if r := h.Parse([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n")); r != nil || !h.Upgrade {
			t.Errorf("%q: refusal %+v, upgrade %v", lines, r, h.Upgrade)
		}
	}
}

// RFC 9110 §5.6.1: empty elements of a list are ignored.
func TestRFC9110Section561ListsAreSearched(t *testing.T) {
	for list, want := range map[string]bool{
		"upgrade": true, "Upgrade": true, "keep-alive, Upgrade": true, ",, upgrade ,": true, "\tupgrade\t": true,
		"": false, ",": false, "upgrades": false, "up grade": false, "upgrade;q=1": false,
	} {
		if got := hasElement([]byte(list), "upgrade"); got != want {
			t.Errorf("%q has upgrade: %v", list, got)
		}
	}
}

func TestARepeatedHeaderKeepsItsFirstValue(t *testing.T) {
	var f field
	for _, value := range []string{"a", "b", ""} {
		f.add([]byte(value))
	}
	if string(f.value) != "a" || f.count != 3 {
		t.Errorf("%q, %d times", f.value, f.count)
	}
}
