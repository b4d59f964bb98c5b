package top

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"momentum/internal/adminapi"
	"momentum/server/view"
)

// Node is a running node.
type Node interface {
	Call(ctx context.Context, method, path string, into any) error
	Stream(ctx context.Context, path string, take func(name string, data []byte) bool) error
}

// Views calls take for each view of the node, also as the JSON that the node sent, until take returns false.
func Views(ctx context.Context, node Node, take func(v *view.View, text []byte) bool) error {
	var broken error
	err := node.Stream(ctx, "/ws/stream?history=false", func(name string, data []byte) bool {
		if name != "view" {
			return true
		}
		v := new(view.View)
		if broken = json.Unmarshal(data, v); broken != nil {
			return false
		}
		return take(v, data)
	})
	return errors.Join(err, broken)
}

// Heaviest returns the heaviest connections of the node in the last seconds, or false if it has no list of them.
func Heaviest(ctx context.Context, node Node, sort string, window int) (rows []Row, known bool, err error) {
	var page struct {
		Connections []Row `json:"connections"`
	}
	err = node.Call(ctx, http.MethodGet, fmt.Sprintf("/ws/connections?scope=node&window=%d&limit=100&sort=%s", window, sort), &page)
	var refused *adminapi.Refusal
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return nil, false, nil
	}
	return page.Connections, true, err
}
