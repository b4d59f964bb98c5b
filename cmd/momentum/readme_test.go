package main

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the settings table of README.md from Config")

// TestReadmeListsEverySetting holds README.md's table to Config, from whose tags it is made.
func TestReadmeListsEverySetting(t *testing.T) {
	const file, begin, end = "../../README.md", "<!-- settings -->\n", "<!-- /settings -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the markers of its settings table", file)
	}
	want := settingsTable()
	if table == want {
		return
	}
	if !*update {
		t.Fatal("the settings table of README.md is not what Config says: go test ./cmd/momentum -run Readme -update")
	}
	if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func settingsTable() string {
	var b strings.Builder
	b.WriteString("\n| variable | flag | default | what it is |\n| --- | --- | --- | --- |\n")
	kind := reflect.TypeFor[Config]()
	for i := range kind.NumField() {
		tag := kind.Field(i).Tag
		variable := tag.Get("env")
		if variable != "" {
			variable = "`" + variable + "`"
		}
		help := strings.ReplaceAll(tag.Get("help"), "|", `\|`)
		fmt.Fprintf(&b, "| %s | `--%s` | %s | %s |\n", variable, tag.Get("name"), tag.Get("default"), help)
	}
	return b.String() + "\n"
}
