package main

import (
	"strings"
	"testing"
)

func TestJSONIsPrintedForPrograms(t *testing.T) {
	var page, line strings.Builder
	value := map[string]string{"a": "<b>"}
	if err := printJSON(&page, value); err != nil || page.String() != "{\n  \"a\": \"<b>\"\n}\n" {
		t.Errorf("%q, %v", page.String(), err)
	}
	if err := printLine(&line, value); err != nil || line.String() != "{\"a\":\"<b>\"}\n" {
		t.Errorf("%q, %v", line.String(), err)
	}
}
