package redis

import (
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
)

// script is a Lua script, and the hash by which Redis knows it.
type script struct {
	text, hash string
}

//go:embed publish.lua
var publishText string

//go:embed join.lua
var joinText string

//go:embed leave.lua
var leaveText string

//go:embed epoch.lua
var epochText string

//go:embed lease.lua
var leaseText string

//go:embed keep.lua
var keepText string

// The scripts. Redis loads all of them for each connection.
var (
	publishScript = newScript(publishText)
	joinScript    = newScript(joinText)
	leaveScript   = newScript(leaveText)
	epochScript   = newScript(epochText)
	leaseScript   = newScript(leaseText)
	keepScript    = newScript(keepText)

	scripts = []script{publishScript, joinScript, leaveScript, epochScript, leaseScript, keepScript}
)

func newScript(text string) script {
	sum := sha1.Sum([]byte(text)) // Redis names scripts so; it is no secret
	return script{text: text, hash: hex.EncodeToString(sum[:])}
}
