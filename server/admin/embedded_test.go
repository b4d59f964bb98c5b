package admin

import (
	"testing"
	"testing/fstest"
)

func TestEachFormOfAFileHasItsTag(t *testing.T) {
	f := newEmbeddedFile(fstest.MapFS{"a.js": {Data: []byte("let a")}}, "a.js", "text/javascript")
	other := newEmbeddedFile(fstest.MapFS{"a.js": {Data: []byte("let b")}}, "a.js", "text/javascript")
	if string(f.text) != "let a" || len(f.gzip()) == 0 || f.tag == f.tagZip || f.tag == other.tag || f.kind != "text/javascript" {
		t.Errorf("%+v", f)
	}
}
