package tidy

import (
	"go/ast"
	"strings"
	"testing"
	"unicode"
)

// formerTerms are words of names that the field does not use for the thing, and its term for it.
var formerTerms = map[string]string{
	"farewell": "close frame", "gate": "limiter", "hear": "receive", "heard": "received", "judge": "check", "judged": "checked",
	"meet": "the act itself", "offence": "protocol error", "packed": "compressed", "seat": "slot, or subscriber",
	"seats": "slots", "shutout": "deactivation", "tell": "send, report", "told": "sent, reported", "weigh": "measure",
}

// keptTerms are names in which such a word is right, and why.
var keptTerms = map[string]string{
	"server/cluster/redis/codec.go": "a packed message is not compressed: a byte stands for each frequent text (ADR 24)",
	"server/cluster/redis/pack.go":  "likewise",
	"server/weigh.go":               "it compares what connections cost, and measures nothing",
}

func TestNamesAreTheFieldsTerms(t *testing.T) { hold(t, fieldsTerms) }

// fieldsTerms finds former terms in the names of types, functions, methods, fields, constants and package variables. Local names and
// parameters are not looked at: their scope says what they mean.
func fieldsTerms(files tree) []string {
	var broken []string
	for _, f := range files.goFiles() {
		if f.isTest() || keptTerms[f.path] != "" {
			continue
		}
		for _, name := range declaredBy(f.syntax) {
			for _, word := range wordsOf(name.Name) {
				if term, is := formerTerms[word]; is {
					broken = append(broken, f.say(f.line(name.Pos()), "%s: the field says %s, not %s", name.Name, term, word))
				}
			}
		}
	}
	return broken
}

// declaredBy returns the names that a file declares, without local ones and parameters.
func declaredBy(file *ast.File) (names []*ast.Ident) {
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				names = append(names, declaredBySpec(spec)...)
			}
		}
	}
	return names
}

func declaredBySpec(spec ast.Spec) (names []*ast.Ident) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		return s.Names
	case *ast.TypeSpec:
		names = append(names, s.Name)
		if kind, ok := s.Type.(*ast.StructType); ok {
			for _, field := range kind.Fields.List {
				names = append(names, field.Names...)
			}
		}
		if kind, ok := s.Type.(*ast.InterfaceType); ok {
			for _, method := range kind.Methods.List {
				names = append(names, method.Names...)
			}
		}
	}
	return names
}

// wordsOf splits a name in camel case into its words, in lower case.
func wordsOf(name string) []string {
	var spaced strings.Builder
	var before rune
	for _, r := range name {
		if unicode.IsUpper(r) && !unicode.IsUpper(before) {
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(unicode.ToLower(r))
		before = r
	}
	return strings.Fields(spaced.String())
}
