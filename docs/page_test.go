package docs

import (
	"regexp"
	"strings"
	"testing"
)

// TestThePageHasEachCallAndMessage compares the page with the files by their indentation, not with the parser that makes the page.
func TestThePageHasEachCallAndMessage(t *testing.T) {
	made, err := Page()
	if err != nil {
		t.Fatal(err)
	}
	page := string(made)
	for file, form := range map[string]struct{ wanted, id string }{
		"openapi.yaml":  {`(?m)^      operationId: (\w+)$`, "openapi-call-"},
		"asyncapi.yaml": {`(?m)^      (\w+): \{ \$ref: "#/components/messages/`, "asyncapi-messages-"},
	} {
		text, err := Descriptions.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all := regexp.MustCompile(form.wanted).FindAllStringSubmatch(string(text), -1)
		if len(all) < 15 {
			t.Errorf("%s has %d calls or messages: it was read wrongly", file, len(all))
		}
		for _, found := range all {
			if !strings.Contains(page, `<h4 id="`+form.id+found[1]+`">`) {
				t.Errorf("the page lacks %s of %s", found[1], file)
			}
		}
	}
}

func TestEachLinkOfThePageLeadsToOnePlace(t *testing.T) {
	made, err := Page()
	if err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]int)
	for _, id := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(string(made), -1) {
		ids[id[1]]++
	}
	links := regexp.MustCompile(` href="#([^"]+)"`).FindAllStringSubmatch(string(made), -1)
	for _, link := range links {
		if ids[link[1]] != 1 {
			t.Errorf("%d places have the id %s", ids[link[1]], link[1])
		}
	}
	if len(links) < 200 {
		t.Errorf("%d links: references are not linked", len(links))
	}
	if found := regexp.MustCompile(`(?i)<script|style=|src=|href="(https?:|//)`).Find(made); found != nil {
		t.Errorf("the page loads something, which its policy forbids: %s", found)
	}
}
