// Package docs holds the machine-readable descriptions of the server's two interfaces, which it serves itself.
package docs

import "embed"

// Descriptions has openapi.yaml, the administrator's calls, and asyncapi.yaml, the messages.
//
//go:embed openapi.yaml asyncapi.yaml
var Descriptions embed.FS
