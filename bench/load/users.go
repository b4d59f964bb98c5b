package load

import (
	"fmt"
	"time"

	"momentum/server/auth"
)

// tokenLife is longer than any call of the tool, which may run tests of a day each a hundred times: no client should be
// refused because its token has expired.
const tokenLife = 2 * 365 * 24 * time.Hour

// users are the users of the connections: stress-0, stress-1 and so on.
type users struct {
	tokens []string
	ids    []string
}

// signTokens signs all tokens before anything is measured.
func signTokens(p *Plan, now time.Time) (*users, error) {
	c := &users{make([]string, p.Connections), make([]string, p.Connections)}
	for i := range p.Connections {
		name := fmt.Sprintf("stress-%d", i)
		email := name + "@example.com"
		id := auth.UserID(email)
		token, err := auth.Sign([]byte(p.Secret), auth.Claims{
			UserID: id, Username: name, Email: email, IssuedAt: now.Unix(), ExpiresAt: now.Add(tokenLife).Unix(),
		})
		if err != nil {
			return nil, err
		}
		c.tokens[i], c.ids[i] = token, id.String()
	}
	return c, nil
}
