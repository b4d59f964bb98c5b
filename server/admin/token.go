package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"regexp"
	"strings"
)

// Right is what the holder of a token may do.
type Right string

// The rights. Read allows GET; Write allows everything.
const (
	Read  Right = "read"
	Write Right = "write"
)

// Token is a named token of ADMIN_TOKENS.
type Token struct {
	Name   string
	Right  Right
	secret string
}

// Secret returns the text that a caller sends.
func (t *Token) Secret() string { return t.secret }

var tokenName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// The names of callers without a token of ADMIN_TOKENS.
const (
	localCaller = "local" // a program on this host, if there is no token
	adminCaller = "admin" // the holder of ADMIN_TOKEN
)

// ParseTokens reads ADMIN_TOKENS: NAME:RIGHT:TOKEN, several with commas. An error names the token and never shows its secret.
func ParseTokens(text string) (all []Token, err error) {
	seen := map[string]bool{localCaller: true, adminCaller: true}
	for i, one := range strings.Split(text, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		name, rest, _ := strings.Cut(one, ":")
		right, secret, found := strings.Cut(rest, ":")
		switch {
		case !found:
			return nil, fmt.Errorf("token %d is not of the form NAME:RIGHT:TOKEN", i+1)
		case !tokenName.MatchString(name):
			return nil, fmt.Errorf("the name of token %d must have 1 to 64 characters of A-Z, a-z, 0-9 and _.-", i+1)
		case seen[name]:
			return nil, fmt.Errorf("the name %q of token %d is taken: each token needs its own, and not local or admin", name, i+1)
		case Right(right) != Read && Right(right) != Write:
			return nil, fmt.Errorf("the right of the token %q must be read or write", name)
		case len(secret) < minTokenBytes:
			return nil, fmt.Errorf("the token %q is shorter than %d characters: openssl rand -hex 32 makes one", name, minTokenBytes)
		}
		seen[name] = true
		all = append(all, Token{name, Right(right), secret})
	}
	return all, nil
}

// holders are the tokens that are accepted, as digests: so the time of a comparison reveals nothing about a token.
type holders []holder

type holder struct {
	name   string
	right  Right
	digest [sha256.Size]byte
}

func holdersOf(token string, named []Token) (all holders) {
	if token != "" {
		all = append(all, holder{adminCaller, Write, sha256.Sum256([]byte(token))})
	}
	for _, t := range named {
		all = append(all, holder{t.Name, t.Right, sha256.Sum256([]byte(t.secret))})
	}
	return all
}

// find returns the holder of a token. It compares with all of them, whichever fits.
func (h holders) find(token string) (found holder, ok bool) {
	digest := sha256.Sum256([]byte(token))
	for _, one := range h {
		if subtle.ConstantTimeCompare(one.digest[:], digest[:]) == 1 {
			found, ok = one, true
		}
	}
	return found, ok
}
