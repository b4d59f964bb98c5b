package plot

import (
	"strings"
	"testing"
)

func TestAPageHasItsPartsAndItsContent(t *testing.T) {
	page, err := Page(`<head>{{template "style"}}</head><p>{{.}}</p>{{template "script"}}`, "<&>")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<head><style>", "</style></head><p>&lt;&amp;&gt;</p><script>", "</script>"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if _, err := Page("{{", nil); err == nil {
		t.Error("a broken template is no error")
	}
}
