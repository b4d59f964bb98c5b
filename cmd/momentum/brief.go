package main

import (
	"slices"

	"github.com/alecthomas/kong"
)

// briefly are the commands that need few settings, and the settings that their help and completions show. They take all of them, so that
// they can read the server's settings file.
var briefly = map[string][]string{
	"drain":   {"config", "admin-addr"},
	"undrain": {"config", "admin-addr"},
	"doctor":  {"config", "admin-addr", "max-connections", "handshake-rate", "trusted-proxies", "reactors"},
}

// brief hides the other settings of these commands.
func brief(k *kong.Kong) error {
	for _, command := range k.Model.Children {
		shown, ok := briefly[command.Name]
		for _, flag := range command.Flags {
			if ok && flag.Group != nil && !slices.Contains(shown, flag.Name) {
				flag.Hidden = true
			}
		}
	}
	return nil
}
