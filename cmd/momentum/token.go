package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"momentum/internal/config"
	"momentum/server/auth"
)

// tokenCmd signs a token for a user of the server.
type tokenCmd struct {
	Username string        `default:"guest" help:"The name other users see."`
	Email    string        `placeholder:"USERNAME@example.com" help:"The user's e-mail address."`
	UserID   *uuid.UUID    `name:"user-id" placeholder:"UUID" help:"The user's id. If unset, the id derived from the e-mail address."`
	Topics   string        `placeholder:"JSON" help:"Topics that the user may use: {\"subscribe\":[\"news\",\"room.*\"],\"publish\":[\"room.*\"],\"join\":[\"news\"]}. If unset, TOPICS_DEFAULT of the server says."`
	TTL      time.Duration `name:"ttl" type:"seconds" default:"24h" help:"Lifetime of the token, such as 90s, 15m, 24h, or 90 for seconds."`

	Secret    string `env:"JWT_SECRET" secret:"yes" placeholder:"SECRET" help:"Secret of the server. Prefer the variable: other users of the host can read flags."`
	Algorithm string `env:"JWT_ALGORITHM" default:"HS256" help:"Algorithm of the secret: HS256, HS384 or HS512."`
	KeyFile   string `name:"key-file" placeholder:"FILE" help:"Sign with the private key in this PEM file instead: RSA (RS256), P-256 (ES256) or Ed25519 (EdDSA)."`
	KeyID     string `name:"kid" placeholder:"ID" help:"The key's id (kid), if the server has several keys."`
	Issuer    string `env:"JWT_ISSUER" placeholder:"ISSUER" help:"Issuer of the token (iss), if the server requires one."`
	JSON      bool   `name:"json" help:"Print a JSON object with the token, the user's id and when the token expires."`
	Audience  string `env:"JWT_AUDIENCE" placeholder:"AUDIENCE" help:"Audience of the token (aud), if the server requires one."`
}

// Run prints the token and nothing else, so that a script can take it as it is, or a JSON object.
func (cmd *tokenCmd) Run(out io.Writer) error {
	if cmd.TTL <= 0 {
		return wrongSettings(errors.New("--ttl must be above zero: the token would have expired already"))
	}
	signer, err := cmd.signer()
	if err != nil {
		return wrongSettings(err)
	}
	email := cmd.Email
	if email == "" {
		email = cmd.Username + "@example.com"
	}
	id := auth.UserID(email)
	if cmd.UserID != nil {
		id = *cmd.UserID
	}
	if id == uuid.Nil {
		return wrongSettings(errZeroID("--user-id"))
	}
	topics, err := cmd.topics()
	if err != nil {
		return wrongSettings(err)
	}
	now := time.Now()
	claims := auth.Claims{
		UserID: id, Username: cmd.Username, Email: email, ID: uuid.NewString(),
		IssuedAt: now.Unix(), ExpiresAt: now.Add(cmd.TTL).Unix(), Topics: topics,
	}
	token, err := signer.Sign(claims)
	if err != nil {
		return wrongSettings(err)
	}
	return cmd.print(out, token, &claims)
}

func (cmd *tokenCmd) print(out io.Writer, token string, claims *auth.Claims) error {
	if !cmd.JSON {
		_, err := fmt.Fprintln(out, token)
		return err
	}
	return printJSON(out, struct {
		Token   string    `json:"token"`
		UserID  uuid.UUID `json:"user_id"`
		Expires time.Time `json:"expires"`
	}{token, claims.UserID, time.Unix(claims.ExpiresAt, 0).UTC()})
}

// topics returns the claim topics, or nil for a token without it.
func (cmd *tokenCmd) topics() (*auth.Topics, error) {
	if cmd.Topics == "" {
		return nil, nil
	}
	topics, err := auth.ParseTopics(cmd.Topics)
	if err != nil {
		return nil, fmt.Errorf("--topics: %w", err)
	}
	return topics, nil
}

// signer returns the signer: the key in the file if there is one, and otherwise the secret.
func (cmd *tokenCmd) signer() (*auth.Signer, error) {
	var s *auth.Signer
	var err error
	if cmd.KeyFile == "" {
		if s, err = auth.SecretSigner(auth.Algorithm(cmd.Algorithm), []byte(cmd.Secret)); err != nil && cmd.Secret != "" {
			err = fmt.Errorf("JWT_ALGORITHM (--algorithm): %w", err)
		}
	} else {
		s, err = readSigner(cmd.KeyFile)
	}
	if err != nil {
		return nil, err
	}
	s.KeyID, s.Issuer, s.Audience = cmd.KeyID, cmd.Issuer, cmd.Audience
	return s, nil
}

func readSigner(file string) (*auth.Signer, error) {
	text, err := config.ReadKeyFile(file)
	if err != nil {
		return nil, fmt.Errorf("--key-file: %w", err)
	}
	s, err := auth.PEMSigner(text)
	if err != nil {
		return nil, fmt.Errorf("--key-file %s: %w", file, err)
	}
	return s, nil
}
