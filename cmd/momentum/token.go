package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// tokenCmd signs a token as the server's users need one.
type tokenCmd struct {
	Username string        `default:"guest" help:"The name other users see."`
	Email    string        `placeholder:"USERNAME@example.com" help:"The user's e-mail address."`
	UserID   uuid.UUID     `name:"user-id" placeholder:"UUID" help:"The user's id. Without it the id that stands for the e-mail address, the same each time."`
	TTL      time.Duration `name:"ttl" default:"24h" help:"How long from now the token is good for, like 90s, 15m or 24h."`
	Secret   string        `env:"JWT_SECRET" secret:"yes" placeholder:"SECRET" help:"What the server verifies tokens with. Prefer the variable: other users of the host can read flags."`
}

// Run prints the token and nothing else, so that a script can take it as it is.
func (cmd *tokenCmd) Run(out io.Writer) error {
	if cmd.TTL <= 0 {
		return errors.New("--ttl must be above zero: the token would have expired already")
	}
	email := cmd.Email
	if email == "" {
		email = cmd.Username + "@example.com"
	}
	id := cmd.UserID
	if id == uuid.Nil {
		id = auth.UserID(email)
	}
	now := time.Now()
	token, err := auth.Sign([]byte(cmd.Secret), auth.Claims{
		UserID: id, Username: cmd.Username, Email: email, ID: uuid.NewString(),
		IssuedAt: now.Unix(), ExpiresAt: now.Add(cmd.TTL).Unix(),
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, token)
	return err
}
