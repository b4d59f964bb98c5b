package siege

import (
	"encoding/json"
	"testing"
	"time"

	"momentum/client"
)

// goFleet is a fleet of the package client.
type goFleet struct {
	t    *testing.T
	url  string
	book *book
	all  []*client.Client
}

func startGoFleet(t *testing.T, url string, b *book) fleet {
	f := &goFleet{t: t, url: url, book: b}
	t.Cleanup(func() {
		for _, c := range f.all {
			go c.Close()
		}
		for _, c := range f.all {
			<-c.Done()
		}
	})
	return f
}

func milliseconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }

func (f *goFleet) add(token string) {
	number := len(f.all)
	c, err := client.Connect(f.t.Context(), f.url, client.Options{Token: token, Handler: func(e client.Event) { f.note(number, e) }})
	if err != nil {
		f.t.Fatal(err)
	}
	f.all = append(f.all, c)
}

func (f *goFleet) note(number int, e client.Event) {
	h := happening{At: milliseconds(time.Now()), Client: number}
	switch e := e.(type) {
	case client.State:
		h.State, h.Why = string(e.Phase), e.Why
		if !e.Until.IsZero() {
			h.Until = milliseconds(e.Until)
		}
	case client.Message:
		_ = json.Unmarshal(e.Data, &h.Text)
	case client.Gap:
		h.Trouble = "gap"
	case client.Resumed:
		if e.Resumed {
			return
		}
		h.Trouble = e.Reason
	case *client.Error:
		h.Trouble = e.Error()
	default:
		return
	}
	f.book.note(h)
}

func (f *goFleet) send(text string) {
	for number, c := range f.all {
		d := c.Post(client.Outgoing{Data: text, ToUserID: fleetUserID(number + 1)})
		go func() {
			if _, err := d.Wait(f.t.Context()); err != nil {
				f.book.note(happening{Client: number, Trouble: err.Error()})
			}
		}()
	}
}
