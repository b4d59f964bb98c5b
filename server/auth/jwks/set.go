package jwks

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
	strict "github.com/go-jose/go-jose/v4/json" // which is strict about case and duplicates

	"momentum/server/auth"
)

// Parse returns the keys of a JWK set (RFC 7517 §5) that tokens can be verified with, and why the others are skipped: a set
// may hold keys for other purposes and of future kinds. A set without any usable key is an error.
func Parse(text []byte) (keys auth.Keys, skipped []error, err error) {
	var set struct {
		Keys []strict.RawMessage `json:"keys"`
	}
	if !json.Valid(text) { // first, because it bounds the nesting for the other one
		return nil, nil, errors.New("the answer is not JSON: JWKS_URL must lead to the key set itself, not to a page about it")
	}
	if err := strict.Unmarshal(text, &set); err != nil {
		return nil, nil, fmt.Errorf("the answer is no key set: %w", err)
	}
	if len(set.Keys) > maxKeys {
		return nil, nil, fmt.Errorf("the set has %d keys, more than %d", len(set.Keys), maxKeys)
	}
	for i, raw := range set.Keys {
		k, err := parseKey(raw)
		if err != nil {
			skipped = append(skipped, fmt.Errorf("key %d: %w", i+1, err))
			continue
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, skipped, errors.Join(append([]error{errors.New("the set has no key to verify tokens with")}, skipped...)...)
	}
	return keys, skipped, nil
}

// parseKey accepts a public key for signatures with the algorithm of its kind.
func parseKey(raw []byte) (auth.Key, error) {
	var purpose struct {
		KeyOps []string `json:"key_ops"`
	}
	var k jose.JSONWebKey
	if err := errors.Join(strict.Unmarshal(raw, &purpose), strict.Unmarshal(raw, &k)); err != nil {
		return auth.Key{}, err
	}
	switch {
	case !k.IsPublic(): // oct, or with d
		return auth.Key{}, errors.New("it is a secret or a private key, with which everybody who can read the set could sign: have the issuer make a new one")
	case k.Use != "" && k.Use != "sig":
		return auth.Key{}, fmt.Errorf("it is for another use (%.20q)", k.Use)
	case purpose.KeyOps != nil && !slices.Contains(purpose.KeyOps, "verify"):
		return auth.Key{}, errors.New("it is not for verifying (key_ops)")
	}
	key, err := auth.PublicKey(k.KeyID, k.Key)
	if err != nil {
		return auth.Key{}, fmt.Errorf("it is %w", err)
	}
	if k.Algorithm != "" && k.Algorithm != string(key.Algorithm()) {
		return auth.Key{}, fmt.Errorf("it is for another algorithm (%.20q) than %s", k.Algorithm, key.Algorithm())
	}
	return key, nil
}
