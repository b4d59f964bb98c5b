package web

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
)

func readDashboard(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(Dashboard(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The page is served under a policy that allows its own files alone, and by proxies under any path.
func TestTheDashboardStandsAlone(t *testing.T) {
	page := readDashboard(t, "index.html")
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
	for _, asset := range regexp.MustCompile(`(?:src|href)="dashboard/([^"]+)"`).FindAllStringSubmatch(page, -1) {
		readDashboard(t, asset[1])
	}
}

// Texts of users are shown as text; each of these would make them markup or code. A token is never stored beyond the tab, and never in a URL.
func TestTheScriptsOfTheDashboardMakeNoMarkup(t *testing.T) {
	scripts, err := fs.Glob(Dashboard(), "*.js")
	if err != nil || len(scripts) < 5 {
		t.Fatalf("%v, %v", scripts, err)
	}
	for _, name := range scripts {
		script := readDashboard(t, name)
		if name == "token.js" { // the only one that stores anything
			script = strings.ReplaceAll(script, "sessionStorage", "")
		}
		for _, sink := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser", "localStorage", "sessionStorage", "indexedDB", "document.cookie", "EventSource("} {
			if strings.Contains(script, sink) {
				t.Errorf("%s uses %s", name, sink)
			}
		}
		for _, other := range regexp.MustCompile(`from "(\.[^"]+)"`).FindAllStringSubmatch(script, -1) {
			if _, err := fs.Stat(files, path.Join("dashboard", other[1])); err != nil {
				t.Error(err)
			}
		}
		if name != "calls.js" && strings.Contains(script, "fetch(") {
			t.Errorf("%s makes calls by itself", name)
		}
	}
}

// A field without a label cannot be used without eyes. Labels are around the fields, or name them.
func TestEachFieldOfTheDashboardHasALabel(t *testing.T) {
	page := readDashboard(t, "index.html")
	inside := regexp.MustCompile(`(?s)<label>.*?</label>|<label class.*?</label>`).ReplaceAllString(page, "")
	for _, field := range regexp.MustCompile(`<(?:input|select|textarea)([^>]*)>`).FindAllStringSubmatch(inside, -1) {
		id := regexp.MustCompile(` id="([^"]+)"`).FindStringSubmatch(field[1])
		if id == nil || !strings.Contains(page, `<label for="`+id[1]+`"`) {
			t.Errorf("the field%s has no label", field[1])
		}
	}
}

// TestTheModulesOfTheDashboard runs those tests of the page that need no browser.
func TestTheModulesOfTheDashboard(t *testing.T) { inNode(t, "dashboardtest/*.test.mjs") }
