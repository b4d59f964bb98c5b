package docs

import (
	"testing"

	"go.yaml.in/yaml/v4"
)

func TestAPlaceThatIsNotThereIsEmpty(t *testing.T) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte("a: {b: text, c: [1, 2]}"), &document); err != nil {
		t.Fatal(err)
	}
	root := document.Content[0]
	if got := at(root, "a", "b").text(); got != "text" {
		t.Errorf("%q", got)
	}
	if got := at(root, "a", "c").items(); len(got) != 2 {
		t.Errorf("%d items", len(got))
	}
	if at(root, "x", "y").text() != "" || at(root, "a", "b", "c").node != nil || at(root, "a").items() != nil || at(root, "a").text() != "" {
		t.Error("a place that is not there has something")
	}
}
