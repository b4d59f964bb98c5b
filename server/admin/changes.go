package admin

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Change is an administrator's call that has changed something, or was to.
type Change struct {
	Number uint64            `json:"number"` // from 1 on
	At     time.Time         `json:"at"`
	By     string            `json:"by"`             // name of the token; "local": a program on this host, without one
	From   string            `json:"from"`           // address of the caller, or of the proxy that it came through
	Call   string            `json:"call"`           // method and path
	With   map[string]string `json:"with,omitempty"` // parameters and fields
	Status int               `json:"status"`         // of the answer
}

// Changes remembers the last changes of a node. Any goroutine may use it. The zero value is empty. It takes at most some 2 MB.
type Changes struct {
	mu    sync.Mutex
	last  [keptChanges]Change
	count uint64
}

// add numbers a change and keeps it.
func (k *Changes) add(c Change) {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := &k.last[k.count%keptChanges]
	k.count++
	c.Number = k.count
	*at = c
}

// before returns up to limit changes with lower numbers than the given one, the newest first, and whether there are more.
func (k *Changes) before(number uint64, limit int) (page []Change, more bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	oldest := uint64(1)
	if k.count > keptChanges {
		oldest = k.count - keptChanges + 1
	}
	for n := min(number-1, k.count); n >= oldest; n-- {
		if len(page) == limit {
			return page, true
		}
		page = append(page, k.last[(n-1)%keptChanges])
	}
	return page, false
}

// changesAnswer is a page of GET /ws/changes.
type changesAnswer struct {
	Changes []Change `json:"changes"`
	Next    uint64   `json:"next,omitempty"` // pass it as after= for the next page
}

// list answers with the last changes on this node.
func (k *Changes) list(w http.ResponseWriter, r *http.Request) *fault {
	limit, refused := requestedLimit(r)
	if refused != nil {
		return refused
	}
	after := ^uint64(0)
	if text := r.URL.Query().Get("after"); text != "" {
		number, err := strconv.ParseUint(text, 10, 64)
		if err != nil || number == 0 {
			return badAfter
		}
		after = number
	}
	found, more := k.before(after, limit)
	page := changesAnswer{Changes: append([]Change{}, found...)}
	if more {
		page.Next = found[len(found)-1].Number
	}
	respond(w, http.StatusOK, page)
	return nil
}

// changeKey is the key of the *Change in the context of a request that changes something.
type changeKey struct{}

// note adds the fields of a body to the change that the request makes, if it makes one.
func note(r *http.Request, found fields) {
	c, _ := r.Context().Value(changeKey{}).(*Change)
	if c == nil {
		return
	}
	for name, value := range found {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		c.set(name, text)
	}
}

func (c *Change) set(name, value string) {
	if c.With == nil {
		c.With = make(map[string]string)
	}
	c.With[name] = value[:min(len(value), maxNotedBytes)]
}

// witness notes the status of an answer.
type witness struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (o *witness) WriteHeader(status int) {
	o.status = status
	o.ResponseWriter.WriteHeader(status)
}

// Unwrap returns the writer of the connection, for http.ResponseController.
func (o *witness) Unwrap() http.ResponseWriter { return o.ResponseWriter }
