package admin

import (
	"strings"
	"testing"
)

const (
	readSecret  = "a token that may only read"
	writeSecret = "a token: it may write"
)

func TestTokensAreParsed(t *testing.T) {
	all, err := ParseTokens(" grafana:read:" + readSecret + ", on-call:write:" + writeSecret + ",")
	if err != nil || len(all) != 2 || all[0] != (Token{"grafana", Read, readSecret}) || all[1] != (Token{"on-call", Write, writeSecret}) {
		t.Errorf("%+v, %v", all, err)
	}
	for text, want := range map[string]string{
		"a:read":                   "token 1 is not of the form",
		"a b:read:" + readSecret:   "the name of token 1",
		"admin:read:" + readSecret: "is taken",
		"local:read:" + readSecret: "is taken",
		"a:all:" + readSecret:      "must be read or write",
		"a:read:short":             "shorter than",
		"a:read:" + readSecret + ",a:write:" + writeSecret: "is taken",
	} {
		if _, err := ParseTokens(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), readSecret) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestHoldersAreFoundByTheirTokens(t *testing.T) {
	h := holdersOf("the admin token", []Token{{"grafana", Read, readSecret}})
	for token, want := range map[string]string{"the admin token": "admin", readSecret: "grafana", "": "", "another": ""} {
		if found, ok := h.find(token); found.name != want || ok != (want != "") {
			t.Errorf("%q is of %q", token, found.name)
		}
	}
	if len(holdersOf("", nil)) != 0 {
		t.Error("without tokens somebody holds one")
	}
}
