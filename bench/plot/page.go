package plot

import (
	"bytes"
	_ "embed"
	"html/template"
)

//go:embed parts.html
var parts string

// Page fills a page's template with its content. The template begins with {{template "head" .}}, for which the
// content has a Title, and has the script, which shows values at the pointer, with {{template "script"}}.
func Page(text string, content any) ([]byte, error) {
	t, err := template.New("page").Parse(text)
	if err != nil {
		return nil, err
	}
	if _, err := t.New("parts").Parse(parts); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, content); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
