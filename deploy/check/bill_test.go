package check

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestTheBillOfMaterialsIsCycloneDX has ../sbom describe a program, and validates the bill with the schema of CycloneDX
// 1.6, which comes with its library.
func TestTheBillOfMaterialsIsCycloneDX(t *testing.T) {
	program := filepath.Join(t.TempDir(), "websocket_client")
	build := exec.Command("go", "build", "-o", program, "./cmd/websocket_client")
	build.Dir = "../.."
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	cmd := exec.Command("go", "run", "./deploy/sbom", "--version", "1.2.3", "--commit", "abc", "--time", "2026-01-02T03:04:05Z", program)
	cmd.Dir = "../.."
	bill, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	schema := schemaOfBills(t)
	if err := validate(schema, bill); err != nil {
		t.Error(err)
	}
	var read cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(bill), cdx.BOMFileFormatJSON).Decode(&read); err != nil || len(*read.Components) < 5 {
		t.Errorf("the library reads %v, %v", read.Components, err)
	}
	if validate(schema, bytes.Replace(bill, []byte(`"SHA-256"`), []byte(`"SHA-257"`), 1)) == nil {
		t.Error("the schema takes a hash that does not exist")
	}
}

func validate(schema *jsonschema.Schema, text []byte) error {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(document)
}

// schemaOfBills compiles the schema with the two that it refers to.
func schemaOfBills(t *testing.T) *jsonschema.Schema {
	t.Helper()
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	for name, file := range map[string]string{
		"bom-1.6.schema.json": "bom-1.6.schema.json", "spdx.schema.json": "spdx.schema.json", "jsf-0.82.schema.json": "jsf-0.82.schemax.json",
	} {
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), "schema", file))
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.AddResource("http://cyclonedx.org/schema/"+name, document); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := compiler.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
