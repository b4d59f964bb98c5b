package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestTheTypesOfTheClientCompile compiles momentum.d.ts, a program that uses all of it, the recipes of docs/CLIENTS.md, and an import of each
// name that momentum.js exports.
func TestTheTypesOfTheClientCompile(t *testing.T) {
	folder := installNode(t, "types")
	for _, name := range []string{"momentum.js", "momentum.d.ts"} {
		text, err := os.ReadFile(filepath.Join("../../web/client", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, name), string(text))
	}
	write(t, filepath.Join(folder, "recipes", "client.ts"), `import { connect } from "../momentum.js"; export const client = connect({ token: "t" });`)
	for name, text := range recipes(t) {
		write(t, filepath.Join(folder, "recipes", name), text)
	}
	names := run(t, folder, "node", "--input-type=module", "-e", `import * as all from "./momentum.js"; console.log(Object.keys(all).join(", "))`)
	write(t, filepath.Join(folder, "recipes", "exports.ts"), fmt.Sprintf("import { %s } from \"../momentum.js\";\nconsole.log(%[1]s);\n", strings.TrimSpace(names)))
	run(t, folder, "node", "node_modules/typescript/bin/tsc", "-p", ".")
}

// recipes returns the programs in JavaScript of docs/CLIENTS.md, as files that import the client from the folder above.
func recipes(t *testing.T) map[string]string {
	t.Helper()
	document, err := os.ReadFile("../../docs/CLIENTS.md")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, found := range regexp.MustCompile("(?s)```(html|js|jsx)\n(.*?)```").FindAllStringSubmatch(string(document), -1) {
		text := regexp.MustCompile(`</?script[^>]*>`).ReplaceAllString(found[2], "")
		text = regexp.MustCompile(`from "(/client/momentum.js|momentum)"`).ReplaceAllString(text, `from "../momentum.js"`)
		all[fmt.Sprintf("recipe%d.js", len(all))] = text
	}
	const least = 5 // a page, Node, React, Vue and Svelte
	if len(all) < least {
		t.Errorf("only %d recipes are found in docs/CLIENTS.md", len(all))
	}
	return all
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs a program in a folder, and returns what it prints.
func run(t *testing.T, folder, program string, arguments ...string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir = folder
	command.WaitDelay = time.Second
	var warnings bytes.Buffer
	command.Stderr = &warnings
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", program, err, out, warnings.Bytes())
	}
	return string(out)
}
