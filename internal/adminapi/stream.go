package adminapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// largestEvent is above the history of a node with a hundred reactors.
const largestEvent = 16 << 20

// errSilent means that a stream has sent nothing for patience, though it has an event a second.
var errSilent = errors.New("the node has sent nothing for 10 s")

// Stream reads a text/event-stream and calls take for each event, until take returns false or the stream ends. It returns nil in the first
// case alone.
func (c *Client) Stream(ctx context.Context, path string, take func(name string, data []byte) bool) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	silence := time.AfterFunc(patience, func() { end(errSilent) })
	defer silence.Stop()
	request, err := c.request(ctx, http.MethodGet, path)
	if err != nil {
		return err
	}
	endless := http.Client{Transport: c.http.Transport}
	answer, err := endless.Do(request)
	if err != nil {
		return c.unanswered(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, largestEvent)) // an empty text says less, and is no other fault
		return refusal(answer.StatusCode, text)
	}
	err = events(answer.Body, func(name string, data []byte) bool {
		silence.Reset(patience)
		return take(name, data)
	})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// events reads events of one line of data each.
func events(from io.Reader, take func(name string, data []byte) bool) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, largestEvent)
	name := ""
	for lines.Scan() {
		switch field, value, _ := strings.Cut(lines.Text(), ": "); field {
		case "event":
			name = value
		case "data":
			if !take(name, []byte(value)) {
				return nil
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("the stream has been cut off: %w", err)
	}
	return errors.New("the node has ended the stream")
}
