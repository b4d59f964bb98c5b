package config

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"text/tabwriter"
)

// Row is one setting as an operator sees it.
type Row struct {
	Setting  string `json:"setting"`            // as in the settings file
	Variable string `json:"variable,omitempty"` // of the environment
	Value    string `json:"value"`              // of a secret only whether it is set
	From     string `json:"from"`
	Reload   bool   `json:"reload"` // SIGHUP can change it
}

// Rows lists every setting in the order of Config.
func (c *Config) Rows(s *Sources) []Row {
	var all []Row
	value := reflect.ValueOf(c).Elem()
	for i := range value.NumField() {
		tag := value.Type().Field(i).Tag
		all = append(all, Row{
			Setting:  tag.Get("name"),
			Variable: tag.Get("env"),
			Value:    display(value.Field(i), tag),
			From:     s.From(tag.Get("name")),
			Reload:   tag.Get("reload") != "",
		})
	}
	return all
}

// display is a value without secrets.
func display(value reflect.Value, tag reflect.StructTag) string {
	text := fmt.Sprint(value.Interface())
	switch {
	case value.IsZero() && text == "", value.Kind() == reflect.Slice && value.Len() == 0:
		return "(not set)"
	case tag.Get("secret") != "":
		return fmt.Sprintf("(set, %d bytes)", len(text))
	}
	return text
}

// nameOf is a setting's name for operators: its variable, or its flag if it has none.
func nameOf(tag reflect.StructTag) string { return cmp.Or(tag.Get("env"), "--"+tag.Get("name")) }

// List prints settings as a table.
func List(out io.Writer, rows []Row) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\n", cmp.Or(r.Variable, "--"+r.Setting), r.Value, r.From)
	}
	return table.Flush()
}
