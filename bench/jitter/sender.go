package jitter

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// prefixes are the first letters of the ids of a channel's messages.
const prefixes = "bd"

// text is what each message says.
var text = strings.Repeat("a", 32)

// sendAll sends at the rate of the run until it is over. What is late is sent at once, so that the number of messages does
// not depend on the machine.
func (c *client) sendAll(ctx context.Context) (err error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	begun := c.over.Add(-c.Length)
	all := c.messages()
	var s sent
	for s != all && err == nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now := <-tick.C:
			var frames []byte
			passed := min(1, now.Sub(begun).Seconds()/c.Length.Seconds())
			for ; s.broadcasts < int(passed*float64(all.broadcasts)); s.broadcasts++ {
				frames = append(frames, frame(opText, broadcast(s.broadcasts))...)
			}
			for ; s.directs < int(passed*float64(all.directs)); s.directs++ {
				frames = append(frames, frame(opText, direct(s.directs/c.Clients, c.User(s.directs%c.Clients)))...)
			}
			if len(frames) > 0 {
				_, err = c.conn.Write(frames)
			}
		}
	}
	return err
}

func broadcast(number int) []byte {
	return fmt.Appendf(nil, `{"id":"%c%d","message_type":"text","data":{"content":"%s"}}`, prefixes[broadcasts], number, text)
}

func direct(number int, to string) []byte {
	return fmt.Appendf(nil, `{"id":"%c%d","message_type":"text","data":{"content":"%s"},"to_user_id":"%s"}`, prefixes[directs], number, text, to)
}
