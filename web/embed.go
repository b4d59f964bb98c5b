// Package web holds the pages that people look at and the client for pages, embedded in the server's binary.
package web

import (
	"embed"
	"io/fs"
)

//go:embed dashboard demo client/momentum.js client/momentum.d.ts
var files embed.FS

// Dashboard returns the files of the dashboard, index.html at the root.
func Dashboard() fs.FS { return below("dashboard") }

// Demo returns the files of the demo page, index.html at the root.
func Demo() fs.FS { return below("demo") }

// Client returns the files of the client for pages: momentum.js and its types.
func Client() fs.FS { return below("client") }

func below(folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return files // cannot happen: the folder is embedded above
	}
	return sub
}
