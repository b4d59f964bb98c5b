package main

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// bill is a CycloneDX document, as far as we fill it in.
type bill struct {
	Schema       string       `json:"$schema"`
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Time      string    `json:"timestamp,omitempty"`
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	Hashes     []hash     `json:"hashes,omitempty"`
	URL        string     `json:"purl,omitempty"`
	Pedigree   *pedigree  `json:"pedigree,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// pedigree says how a component differs from the published one of its name.
type pedigree struct {
	Notes string `json:"notes"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn,omitempty"`
}

// release identifies the release that a bill is about.
type release struct{ version, commit, time string }

// billOf returns the bill of a release of programs. Everything in it is in order, so that two bills of the same programs are equal.
func billOf(r release, programs []program) bill {
	whole := component{Type: "application", Ref: "momentum", Name: "momentum", Version: r.version}
	if r.commit != "" {
		whole.Properties = []property{{"momentum:commit", r.commit}}
	}
	b := bill{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata: metadata{r.time, whole},
	}
	modules := make(map[string]component) // by ref
	all := dependency{Ref: whole.Ref}
	for _, p := range programs {
		itself := p.component(r.version)
		b.Components = append(b.Components, itself)
		all.On = append(all.On, itself.Ref)
		on := dependency{Ref: itself.Ref}
		for _, m := range p.modules() {
			modules[m.Ref] = m
			on.On = append(on.On, m.Ref)
		}
		slices.Sort(on.On)
		b.Dependencies = append(b.Dependencies, on)
	}
	b.Dependencies = append(b.Dependencies, all)
	for _, m := range modules {
		b.Components = append(b.Components, m)
		b.Dependencies = append(b.Dependencies, dependency{Ref: m.Ref})
	}
	slices.SortFunc(b.Components, func(x, y component) int { return strings.Compare(x.Ref, y.Ref) })
	slices.SortFunc(b.Dependencies, func(x, y dependency) int { return strings.Compare(x.Ref, y.Ref) })
	return b
}

// write writes the bill as indented JSON.
func (b bill) write(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(b)
}
