package docs

import (
	"iter"

	"go.yaml.in/yaml/v4"
)

// place is a node of a YAML document, or nil where there is none.
type place struct{ node *yaml.Node }

// at returns the place below a mapping with these keys, one below the other.
func at(node *yaml.Node, keys ...string) place {
	for _, key := range keys {
		var next *yaml.Node
		for name, value := range (place{node}).fields() {
			if name == key {
				next = value
			}
		}
		node = next
	}
	return place{node}
}

// fields are the keys and values of a mapping, in the order of the document.
func (p place) fields() iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if p.node == nil || p.node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(p.node.Content); i += 2 {
			if !yield(p.node.Content[i].Value, p.node.Content[i+1]) {
				return
			}
		}
	}
}

// items are the elements of a sequence.
func (p place) items() []*yaml.Node {
	if p.node == nil || p.node.Kind != yaml.SequenceNode {
		return nil
	}
	return p.node.Content
}

// text is the value of a scalar, or "".
func (p place) text() string {
	if p.node == nil || p.node.Kind != yaml.ScalarNode {
		return ""
	}
	return p.node.Value
}
