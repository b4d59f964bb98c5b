package protocol

import (
	"fmt"
	"strings"
	"testing"
)

func TestResumeInTheQuery(t *testing.T) {
	for query, want := range map[string]string{
		"":                                "asked false malformed false",
		"token=a.b.c":                     "asked false malformed false",
		"xresume=k.1.2":                   "asked false malformed false",
		"resume=":                         "asked true malformed false",
		"token=t&resume=":                 "asked true malformed false",
		"resume=k3x9.120.7&token=t":       "asked true malformed false k3x9 120 7",
		"resume=_-aZ09.0.0":               "asked true malformed false _-aZ09 0 0",
		"resume=k.18446744073709551615.0": "asked true malformed false k 18446744073709551615 0",
		"resume=k.18446744073709551616.0": "asked true malformed true",
		"resume=k":                        "asked true malformed true",
		"resume=k.1":                      "asked true malformed true",
		"resume=k.1.":                     "asked true malformed true",
		"resume=.1.2":                     "asked true malformed true",
		"resume=k.1.2.3":                  "asked true malformed true",
		"resume=k.-1.2":                   "asked true malformed true",
		"resume=k.+1.2":                   "asked true malformed true",
		"resume=k.1.0x2":                  "asked true malformed true",
		"resume=k%2E1.2.3":                "asked true malformed true",
		"resume=k.1.2&resume=k.1.2":       "asked true malformed true",
		"resume=" + strings.Repeat("e", 17) + ".1.2": "asked true malformed true",
	} {
		h := Handshake{Query: []byte(query)}
		r := h.Resume()
		got := fmt.Sprintf("asked %v malformed %v", r.Asked, r.Malformed)
		if len(r.Epoch) > 0 {
			got += fmt.Sprintf(" %s %d %d", r.Epoch, r.Broadcast, r.Direct)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// FuzzResume holds that a position which is accepted is written as a client writes it.
func FuzzResume(f *testing.F) {
	for _, seed := range []string{"resume=k3x9.120.7", "token=t&resume=", "resume=k.1.2&resume=", "resume=k..2"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, query []byte) {
		h := Handshake{Query: query}
		r := h.Resume()
		if len(r.Epoch) == 0 {
			return
		}
		again := Handshake{Query: fmt.Appendf(nil, "resume=%s.%d.%d", r.Epoch, r.Broadcast, r.Direct)}
		if a := again.Resume(); a.Malformed || a.Broadcast != r.Broadcast || a.Direct != r.Direct || string(a.Epoch) != string(r.Epoch) {
			t.Errorf("%q is %+v, and %q is %+v", query, r, again.Query, a)
		}
		if len(r.Epoch) > MaxEpochBytes || r.Malformed || !r.Asked {
			t.Errorf("%q is %+v", query, r)
		}
	})
}
