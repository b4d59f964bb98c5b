package docs

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"
)

// Style is the style sheet of the page.
//
//go:embed page.css
var Style []byte

//go:embed page.html
var layout string

// Page returns the two descriptions as one HTML page, which loads nothing but page.css. It is made at the first call.
var Page = sync.OnceValues(func() ([]byte, error) {
	var all []description
	for _, d := range []struct {
		file string
		read func(prefix string, root *yaml.Node) []section
	}{{"openapi.yaml", calls}, {"asyncapi.yaml", messages}} {
		text, err := Descriptions.ReadFile(d.file)
		if err != nil {
			return nil, err
		}
		var document yaml.Node
		if err := yaml.Unmarshal(text, &document); err != nil {
			return nil, fmt.Errorf("%s: %w", d.file, err)
		}
		root := document.Content[0]
		prefix := strings.TrimSuffix(d.file, ".yaml")
		all = append(all, description{
			File: d.file, Title: at(root, "info", "title").text(), About: paragraphs(at(root, "info", "description").text()),
			Sections: append(d.read(prefix, root), components(prefix, root)...),
		})
	}
	page, err := template.New("page").Parse(layout)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, all)
	return out.Bytes(), err
})

// description is one of the files, as the page shows it.
type description struct {
	File, Title string
	About       []string
	Sections    []section
}

// section is a group of entries under one heading.
type section struct {
	ID, Title string
	Entries   []entry
}

// entry is a call, a message or a component.
type entry struct {
	ID, Name, Summary string
	About             []string
	Parts             []part
}

// part is a piece of the YAML under a title.
type part struct {
	Title string
	Text  template.HTML
}

// calls are the paths of an OpenAPI document, one entry for each method.
func calls(prefix string, root *yaml.Node) []section {
	s := section{ID: prefix + "-calls", Title: "Calls"}
	for path, methods := range at(root, "paths").fields() {
		for method, call := range (place{methods}).fields() {
			e := entry{ID: prefix + "-call-" + at(call, "operationId").text(), Name: strings.ToUpper(method) + " " + path}
			e.describe(prefix, call, "parameters", "requestBody", "responses")
			s.Entries = append(s.Entries, e)
		}
	}
	return []section{s}
}

// messages are the operations of an AsyncAPI document, each with its messages.
func messages(prefix string, root *yaml.Node) []section {
	var all []section
	for name, operation := range at(root, "operations").fields() {
		s := section{ID: prefix + "-" + name, Title: at(operation, "summary").text()}
		for _, reference := range at(operation, "messages").items() {
			target := at(reference, "$ref").text()
			key := target[strings.LastIndex(target, "/")+1:]
			message := at(root, "components", "messages", key).node
			e := entry{ID: prefix + "-messages-" + key, Name: key}
			e.describe(prefix, message, "payload")
			s.Entries = append(s.Entries, e)
		}
		all = append(all, s)
	}
	return all
}

// components are the parts that calls and messages refer to, a section for each kind. The messages are shown with their operations.
func components(prefix string, root *yaml.Node) []section {
	var all []section
	for kind, named := range at(root, "components").fields() {
		if kind == "messages" {
			continue
		}
		s := section{ID: prefix + "-" + kind, Title: strings.ToUpper(kind[:1]) + kind[1:]}
		for name, node := range (place{named}).fields() {
			s.Entries = append(s.Entries, entry{ID: prefix + "-" + kind + "-" + name, Name: name, Parts: []part{{Text: linked(prefix, node)}}})
		}
		all = append(all, s)
	}
	return all
}

// describe fills an entry from its node: the texts, and the parts that are there.
func (e *entry) describe(prefix string, node *yaml.Node, parts ...string) {
	e.Summary = at(node, "summary").text()
	e.About = paragraphs(at(node, "description").text())
	for _, name := range parts {
		if found := at(node, name).node; found != nil {
			e.Parts = append(e.Parts, part{name, linked(prefix, found)})
		}
	}
}

var reference = regexp.MustCompile(`#/(?:components|channels/messages)/(\w+)/(\w+)`)

// linked returns a piece of YAML as HTML, with a link for each reference to another piece.
func linked(prefix string, node *yaml.Node) template.HTML {
	text, err := yaml.Marshal(node)
	if err != nil {
		text = []byte(err.Error())
	}
	escaped := template.HTMLEscapeString(strings.TrimSpace(string(text)))
	return template.HTML(reference.ReplaceAllString(escaped, `<a href="#`+prefix+`-$1-$2">$0</a>`)) // the text is escaped above
}

// paragraphs splits a text at its line ends, which folded YAML leaves only between paragraphs.
func paragraphs(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}
