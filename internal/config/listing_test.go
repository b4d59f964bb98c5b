package config

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what is generated from Config: the table of docs/SETTINGS.md, and deploy/momentum.example.yaml")

// TestSettingsPageListsEverySetting compares the table of docs/SETTINGS.md with the one generated from Config.
func TestSettingsPageListsEverySetting(t *testing.T) {
	const file, begin, end = "../../docs/SETTINGS.md", "<!-- settings -->\n", "<!-- /settings -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the markers of its settings table", file)
	}
	holdFile(t, file, before+begin+settingsTable()+end+after)
}

// holdFile compares a file with its wanted content, or writes it with -update.
func holdFile(t *testing.T, file, want string) {
	t.Helper()
	if text, err := os.ReadFile(file); err == nil && string(text) == want {
		return
	}
	if !*update {
		t.Fatalf("%s is not what Config says: go test ./internal/config -run 'SettingsPage|Example' -update", file)
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func settingsTable() string {
	var b strings.Builder
	b.WriteString("\n| variable | flag, and key in the file | default | SIGHUP | meaning |\n| --- | --- | --- | --- | --- |\n")
	for _, tag := range settingTags() {
		variable := tag.Get("env")
		if variable != "" {
			variable = "`" + variable + "`"
		}
		if tag.Get("secret") != "" {
			variable += " or `" + tag.Get("env") + fileSuffix + "`"
		}
		help := strings.ReplaceAll(tag.Get("help"), "|", `\|`)
		fmt.Fprintf(&b, "| %s | `--%s` | %s | %s | %s |\n", variable, tag.Get("name"), tag.Get("default"), tag.Get("reload"), help)
	}
	return b.String() + "\n"
}

func settingTags() []reflect.StructTag {
	kind := reflect.TypeFor[Config]()
	all := make([]reflect.StructTag, kind.NumField())
	for i := range all {
		all[i] = kind.Field(i).Tag
	}
	return all
}

const exampleFile = "../../deploy/momentum.example.yaml"

// TestExampleFileListsEverySetting compares the example file with the one generated from Config.
func TestExampleFileListsEverySetting(t *testing.T) { holdFile(t, exampleFile, settingsExample()) }

// TestExampleFileIsValid reads the file unchanged, and with every setting uncommented.
func TestExampleFileIsValid(t *testing.T) {
	example, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	var settings []string
	for line := range strings.Lines(string(example)) {
		if bare, ok := strings.CutPrefix(line, "#"); ok && !strings.HasPrefix(bare, " ") {
			line = bare
		}
		settings = append(settings, line)
	}
	for _, text := range []string{string(example), strings.Join(settings, "")} {
		c, err := parse(t, nil, "--dev", "--config="+write(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
	if n, want := strings.Count(strings.Join(settings, ""), "\nmax-connections: 0\n"), 1; n != want {
		t.Errorf("max-connections is set %d times once uncommented", n)
	}
}

func settingsExample() string {
	var b strings.Builder
	b.WriteString("# Settings of momentum, each with its default. Remove the # before a setting to change it, name this file with --config or\n" +
		"# MOMENTUM_CONFIG, and run momentum check. Variables and flags win over the file. A setting marked SIGHUP changes without\n" +
		"# a restart. Prefer a file of its own for each secret; the variable that names it follows the text.\n")
	group := ""
	for _, tag := range settingTags() {
		if tag.Get("name") == fileFlag {
			continue
		}
		if tag.Get("group") != group {
			group = tag.Get("group")
			fmt.Fprintf(&b, "\n# --- %s ---\n", group)
		}
		help := tag.Get("help")
		if tag.Get("reload") != "" {
			help += " (SIGHUP)"
		}
		if tag.Get("secret") != "" {
			help += " (" + tag.Get("env") + fileSuffix + ")"
		}
		b.WriteString("\n" + comment(help))
		b.WriteString(strings.TrimRight("#"+tag.Get("name")+": "+tag.Get("default"), " ") + "\n")
	}
	return b.String()
}

// comment wraps text to lines of a hundred letters after "# ".
func comment(text string) string {
	var b strings.Builder
	line := "#"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 100 {
			b.WriteString(line + "\n")
			line = "#"
		}
		line += " " + word
	}
	return b.String() + line + "\n"
}

// write makes a file that only its owner can read, and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "momentum-*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}
