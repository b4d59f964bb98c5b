package sim

import (
	"encoding/json"
	"errors"
	"fmt"
)

// listsUsers asks which users are online. The page is so small that it costs no more than the message.
func (c *client) listsUsers() {
	w := c.w
	it := item{kind: itemList, id: "list-" + w.newID(), limit: 1 + w.random.IntN(5)}
	c.speak(opText, fmt.Appendf(nil, `{"id":"%s","message_type":"who","data":{"limit":%d}}`, it.id, it.limit), it)
}

// receiveUsers checks a page: it answers the questions in their order, and has users of the world in the order of their ids.
func (c *client) receiveUsers(text []byte) error {
	var m struct {
		ID   string
		Data struct {
			Count int
			Users []struct {
				ID       string `json:"user_id"`
				Username string
			}
			Next string
		}
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	if len(c.lists) == 0 || m.ID != c.lists[0].id {
		return fmt.Errorf("users are listed that it has not asked for: %.200q", text)
	}
	limit := c.lists[0].limit
	c.lists = c.lists[1:]
	p := &m.Data
	if n := len(p.Users); n > limit || p.Count > len(c.w.users) || p.Next != "" && n < limit {
		return fmt.Errorf("%d of %d users are listed, limit %d, next %q", n, p.Count, limit, p.Next)
	}
	last := ""
	for _, one := range p.Users {
		u := c.w.byName[one.Username]
		if u == nil || u.id.String() != one.ID || one.ID <= last || !u.known {
			return fmt.Errorf("%q, with the id %s, is listed after %s", one.Username, one.ID, last)
		}
		last = one.ID
	}
	if p.Next != "" && p.Next != last {
		return errors.New("the next page does not begin after the last user")
	}
	return nil
}
