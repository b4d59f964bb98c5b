package config

import (
	"errors"
	"fmt"
	"io"
	"os"

	"momentum/server/auth"
	"momentum/server/auth/jwks"
)

// highestKeyFile bounds a file of keys in bytes: some hundred times the size of a key, because certificates are
// longer.
const highestKeyFile = 64 << 10

// Keys returns the keys that tokens may be signed with, except those of JWKS_URL: the secrets, and the public keys in a
// file, which is read each time. It is called at start and at each reload.
func (c *Config) Keys() (auth.Keys, error) {
	algorithm, err := auth.SecretAlgorithm(c.JWTAlgorithm)
	if err != nil {
		return nil, fmt.Errorf("JWT_ALGORITHM (--jwt-algorithm): %w", err)
	}
	if c.JWTSecret == "" && c.JWTSecretPrevious != "" {
		return nil, errors.New("JWT_SECRET_PREVIOUS (--jwt-secret-previous) is set without JWT_SECRET (--jwt-secret): " +
			"it is for the time in which tokens of both are in use; set JWT_SECRET to the one that signs")
	}
	var keys auth.Keys
	for _, secret := range []string{c.JWTSecret, c.JWTSecretPrevious} {
		if secret == "" {
			continue
		}
		k, err := auth.SecretKey(algorithm, []byte(secret))
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	if c.JWTPublicKeyFile == "" {
		return keys, nil
	}
	public, err := readPublicKeys(c.JWTPublicKeyFile)
	if err != nil {
		return nil, fmt.Errorf("JWT_PUBLIC_KEY_FILE (--jwt-public-key-file): %w", err)
	}
	return append(keys, public...), nil
}

func readPublicKeys(file string) (auth.Keys, error) {
	text, err := ReadKeyFile(file)
	if err != nil {
		return nil, err
	}
	keys, err := auth.ParsePEM(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return keys, nil
}

// ReadKeyFile reads a PEM file of bounded size.
func ReadKeyFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, highestKeyFile+1))
	if err == nil && len(text) > highestKeyFile {
		err = fmt.Errorf("%s is longer than %d bytes: it is no file of keys", file, highestKeyFile)
	}
	if fault := byteOrderFault(string(text)); err == nil && fault != nil {
		err = fmt.Errorf("%s: %w", file, fault)
	}
	return text, err
}

// validateKeys returns an error if no token could be verified, or if the keys are probably not the intended ones.
func (c *Config) validateKeys() error {
	if c.JWTSecret == "" && c.JWTSecretPrevious == "" && c.JWTPublicKeyFile == "" && c.JWKSURL == "" && !c.Dev {
		return errors.New("JWT_SECRET (--jwt-secret) is not set: give the secret that tokens are signed with, " +
			"32 bytes or more (openssl rand -hex 32 makes one), or JWT_PUBLIC_KEY_FILE or JWKS_URL if they are signed with a key pair, " +
			"or start with --dev, which makes a secret up for the run")
	}
	_, err := c.Keys()
	if c.JWKSURL != "" {
		if wrong := jwks.Check(c.JWKSURL); wrong != nil {
			err = errors.Join(err, fmt.Errorf("JWKS_URL (--jwks-url) is %q: %w", c.JWKSURL, wrong))
		}
	}
	return err
}

// keyWarnings lists secrets that can be guessed, and settings that may be a mistake.
func (c *Config) keyWarnings() []string {
	var all []string
	sound := auth.Algorithm(c.JWTAlgorithm).ShortSecretBytes()
	for _, s := range []struct{ name, secret string }{
		{"JWT_SECRET (--jwt-secret)", c.JWTSecret},
		{"JWT_SECRET_PREVIOUS (--jwt-secret-previous)", c.JWTSecretPrevious},
	} {
		if n := len(s.secret); n > 0 && n < sound {
			all = append(all, fmt.Sprintf("%s has %d bytes: with fewer than %d it can be guessed offline from a single token "+
				"(openssl rand -hex %d makes a sound one)", s.name, n, sound, sound))
		}
	}
	if c.JWTSecret != "" && c.JWTSecret == c.JWTSecretPrevious {
		all = append(all, "JWT_SECRET_PREVIOUS (--jwt-secret-previous) is the same as JWT_SECRET: nothing has been rotated yet")
	}
	if c.Dev && (c.JWTAlgorithm != string(auth.HS256) || c.JWTIssuer != "" || c.JWTAudience != "") {
		all = append(all, "websocket_client signs with HS256 and without iss and aud, which these settings refuse: "+
			"give it --token with one that momentum token has signed")
	}
	return all
}

// Signer returns a signer for tokens that these settings accept.
func (c *Config) Signer() (*auth.Signer, error) {
	s, err := auth.SecretSigner(auth.Algorithm(c.JWTAlgorithm), []byte(c.JWTSecret))
	if err != nil {
		return nil, err
	}
	s.Issuer, s.Audience = c.JWTIssuer, c.JWTAudience
	return s, nil
}
