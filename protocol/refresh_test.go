package protocol

import (
	"strings"
	"testing"
)

func TestRefreshHasExactlyOneToken(t *testing.T) {
	long := strings.Repeat("a", maxRefreshToken)
	for data, want := range map[string]string{
		`{"token":"a.b.c"}`: "a.b.c",
		`{ "x" : [1,{"token":"no"}], "token" : "a.b.c" , "y":null}`: "a.b.c",
		`{"t\u006fken":"a\u002eb"}`:                                 "a.b",
		`{"token":"` + long + `"}`:                                  long,
		`{"token":"` + long + `a"}`:                                 "",
		`{"token":"a","token":"b"}`:                                 "",
		`{"token":"a","to\u006ben":"b"}`:                            "",
		`{"token":7}`:                                               "",
		`{"token":null}`:                                            "",
		`{"token":{"token":"a"}}`:                                   "",
		`{"tokens":"a"}`:                                            "",
		`{}`:                                                        "",
		`[]`:                                                        "",
		`"token"`:                                                   "",
		`null`:                                                      "",
		``:                                                          "",
	} {
		var p EnvelopeParser
		token, ok := p.Token([]byte(data))
		if ok != (want != "") || ok && string(token) != want {
			t.Errorf("%.60s: %.20q, %v, want %.20q", data, token, ok, want)
		}
	}
}
