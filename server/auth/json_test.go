package auth

import "testing"

// Each text is followed by a comma, which belongs to no value.
func TestAValueEndsWhereItsGrammarSays(t *testing.T) {
	for _, text := range []string{
		`0`, `-0`, `12`, `1.5`, `-1e5`, `1E+5`, `1e-05`, `true`, `false`, `null`, `""`, `"a"`, `"\""`, `"\\"`, `"\u00eF"`, `"é"`,
		`[]`, `[1,[2]]`, `[ 1 , 2 ]`, `{}`, `{"a":{"b":[]}}`, `{ "a" : 1 }`,
	} {
		if got := valueLength([]byte(text + ",")); got != len(text) {
			t.Errorf("%s has the length %d, want %d", text, got, len(text))
		}
	}
	for _, text := range []string{
		``, `,`, `-`, `.5`, `1.`, `1e`, `1e+`, `01`, `+1`, `tru`, `nul`, `"`, `"a`, `"\`, `"\x"`, `"\u12"`, `"\u12G4"`, "\"\n\"",
		`[`, `[1`, `[1,`, `[1,]`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{1:2}`,
	} {
		if got := valueLength([]byte(text)); got != none {
			t.Errorf("%q is a value of %d bytes", text, got)
		}
	}
}

func TestOnlyFourCharactersAreSpace(t *testing.T) {
	for text, want := range map[string]int{"": 0, " \t\r\n1": 4, "\v1": 0, "\u00a01": 0, "1 ": 0} {
		if got := space([]byte(text)); got != want {
			t.Errorf("%q begins with %d bytes of space, want %d", text, got, want)
		}
	}
}
