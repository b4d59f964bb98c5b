// Package web holds the pages that people look at, embedded in the server's binary.
package web

import (
	"embed"
	"io/fs"
)

//go:embed demo
var files embed.FS

// Demo returns the files of the demo page, index.html at the root.
func Demo() fs.FS {
	demo, err := fs.Sub(files, "demo")
	if err != nil {
		return files // cannot happen: the folder is embedded above
	}
	return demo
}
