package main

import (
	"errors"
	"net/url"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// token returns the token for the server. It is empty if the URL has one, which is then used as it is.
func (f *flags) token(secret string, now time.Time) (string, error) {
	if f.Token != "" {
		return f.Token, nil
	}
	if u, err := url.Parse(f.URL); err == nil && u.Query().Has("token") {
		return "", nil
	}
	if secret == "" {
		return "", errors.New("no token: set JWT_SECRET to the server's secret, so that the client can sign one, or give one with --token")
	}
	email := f.Email
	if email == "" {
		email = f.Username + "@example.com"
	}
	return auth.Sign([]byte(secret), auth.Claims{
		UserID: auth.UserID(email), Username: f.Username, Email: email, ID: uuid.NewString(),
		IssuedAt: now.Unix(), ExpiresAt: now.Add(tokenLifetime).Unix(),
	})
}
