package web

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
)

// The page is served under a policy that allows its own files alone, and from a file server under any path.
func TestDemoPageStandsAlone(t *testing.T) {
	page := read(t, "index.html")
	for what, forbidden := range map[string]string{
		"an address of its own": `(src|href)="(/|https?:)`,
		"a script in the page":  `<script(>|[^>]*>[^<])`,
		"a style in the page":   `<style|\sstyle=`,
		"a handler in the page": `\son[a-z]+=`,
	} {
		if found := regexp.MustCompile(forbidden).FindString(page); found != "" {
			t.Errorf("the page holds %s, which its policy or its place refuses: %q", what, found)
		}
	}
	for _, asset := range regexp.MustCompile(`(?:src|href)="([^":]+)"`).FindAllStringSubmatch(page, -1) {
		read(t, asset[1])
	}
}

// Browser tests and bookmarklets find the page's parts by these names.
func TestDemoPageKeepsItsNames(t *testing.T) {
	page := read(t, "index.html")
	for _, id := range strings.Fields("token url connect disconnect state me log text send notify ping to online topics subscribe guest") {
		if n := strings.Count(page, ` id="`+id+`"`); n != 1 {
			t.Errorf("id %q is there %d times", id, n)
		}
	}
	for _, field := range regexp.MustCompile(`<(?:input|select) id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `<label for="`+field[1]+`"`) {
			t.Errorf("the field %q has no label", field[1])
		}
	}
}

// Texts of other users are shown as text; each of these would make them markup or code.
func TestDemoScriptsMakeNoMarkup(t *testing.T) {
	scripts, err := fs.Glob(Demo(), "*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%v, %v", scripts, err)
	}
	for _, name := range scripts {
		script := read(t, name)
		if name == "keep.js" { // the only one that stores anything
			script = strings.ReplaceAll(script, "sessionStorage", "")
		}
		for _, sink := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser", "localStorage", "sessionStorage", "document.cookie"} {
			if strings.Contains(script, sink) {
				t.Errorf("%s uses %s", name, sink)
			}
		}
		for _, other := range regexp.MustCompile(`from "(\.[^"]+)"`).FindAllStringSubmatch(script, -1) {
			if _, err := fs.Stat(files, path.Join("demo", other[1])); err != nil {
				t.Error(err)
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(Demo(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
