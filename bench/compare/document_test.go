package main

import (
	"os"
	"strings"
	"testing"
)

// TestTheDocumentIsWrittenBetweenItsMarkers, and its other text stays.
func TestTheDocumentIsWrittenBetweenItsMarkers(t *testing.T) {
	t.Chdir(t.TempDir())
	r := measured("the commit", echo(100, 32))
	if err := r.save(); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(document, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n" + beginMark + " -->\nold\n" + endMark + "\nafter\n")
	for range 2 {
		if err := writeDocument(); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	if !strings.HasPrefix(got, "before\n"+beginMark+" -->\n") || !strings.HasSuffix(got, endMark+"\nafter\n") || strings.Contains(got, "old") {
		t.Errorf("the text around the markers:\n%s", got)
	}
	if strings.Count(got, "### Echo, 100 connections × 32 B") != 1 || !strings.Contains(got, "commit the commit") {
		t.Errorf("the text between the markers:\n%s", got)
	}
	write("no markers")
	if err := writeDocument(); err == nil || !strings.Contains(err.Error(), "lacks its markers") {
		t.Error(err)
	}
}
