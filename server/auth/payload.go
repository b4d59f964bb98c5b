package auth

import (
	"encoding/json"
	"strconv"

	"github.com/google/uuid"
)

// payload is the claims of one token while they are decoded. encoding/json is not used because it ignores the case of
// names: an issuer whose users can choose a claim "Sub" would let them choose their "sub". Here names must match
// exactly, and a claim that occurs twice is refused (RFC 7519 §4).
type payload struct {
	Claims
	notBefore int64 // seconds since 1970
	stated    claimSet
	required  claimSet // of iss and aud; a claim that is not required is ignored, whatever its value
	issuer    string
	audience  []string
}

// claimSet is a set of claims. A claim that is null counts as absent.
type claimSet uint16

const (
	claimSubject claimSet = 1 << iota
	claimUsername
	claimEmail
	claimID
	claimExpiresAt
	claimNotBefore
	claimIssuedAt
	claimIssuer
	claimAudience
	claimTopics
)

// decode decodes the claims. It refuses any text that is not valid JSON from end to end.
func (p *payload) decode(text []byte) *Error {
	object, ok := openObject(text)
	if !ok {
		return notAnObject(text)
	}
	var fault *Error
	for {
		name, value, more := object.next()
		if !more {
			break
		}
		if fault == nil {
			fault = p.take(name, value)
		}
	}
	switch {
	case !object.valid():
		return errPayload
	case fault != nil:
		return fault
	}
	return p.complete()
}

// notAnObject explains why a text is not an object.
func notAnObject(text []byte) *Error {
	if json.Valid(text) {
		return errNotObject
	}
	return errPayload
}

// take stores one claim, if it is a known one.
func (p *payload) take(name, value []byte) *Error {
	switch string(nameOf(name)) {
	case "sub":
		return p.takeSubject(value)
	case "username":
		return p.takeText(claimUsername, &p.Username, value, errUsername)
	case "email":
		return p.takeText(claimEmail, &p.Email, value, errEmail)
	case "jti":
		return p.takeText(claimID, &p.ID, value, errID)
	case "exp":
		return p.takeDate(claimExpiresAt, &p.ExpiresAt, value)
	case "nbf":
		return p.takeDate(claimNotBefore, &p.notBefore, value)
	case "iat":
		return p.takeDate(claimIssuedAt, &p.IssuedAt, value)
	case "topics":
		return p.takeTopics(value)
	case "iss":
		if p.required&claimIssuer != 0 {
			return p.takeText(claimIssuer, &p.issuer, value, errIssuer)
		}
	case "aud":
		if p.required&claimAudience != 0 {
			return p.takeAudience(value)
		}
	}
	return nil
}

// state records that the token has the claim. It returns false if there is nothing to take: the value is null, or the
// claim occurs a second time.
func (p *payload) state(claim claimSet, value []byte) (bool, *Error) {
	if string(value) == "null" {
		return false, nil
	}
	if p.stated&claim != 0 {
		return false, errTwice
	}
	p.stated |= claim
	return true, nil
}

// takeSubject accepts the form of RFC 9562 §4, in either case. uuid.ParseBytes alone would accept three more forms.
func (p *payload) takeSubject(value []byte) *Error {
	if take, fault := p.state(claimSubject, value); !take {
		return fault
	}
	const formBytes = len("00000000-0000-0000-0000-000000000000")
	text, ok := unquote(value)
	if !ok || len(text) != formBytes {
		return errSubject
	}
	id, err := uuid.ParseBytes(text)
	if err != nil {
		return errSubject
	}
	p.UserID = id
	return nil
}

func (p *payload) takeText(claim claimSet, into *string, value []byte, fault *Error) *Error {
	if take, twice := p.state(claim, value); !take {
		return twice
	}
	text, ok := unquote(value)
	if !ok {
		return fault
	}
	*into = string(text)
	return nil
}

// takeAudience accepts one name or a list of names (RFC 7519 §4.1.3).
func (p *payload) takeAudience(value []byte) *Error {
	if take, twice := p.state(claimAudience, value); !take {
		return twice
	}
	list, several := openArray(value)
	if !several {
		return p.addAudience(value)
	}
	for {
		one, more := list.element()
		if !more {
			return nil
		}
		if fault := p.addAudience(one); fault != nil {
			return fault
		}
	}
}

func (p *payload) addAudience(value []byte) *Error {
	text, ok := unquote(value)
	if !ok || len(p.audience) == maxAudiences {
		return errAudience
	}
	p.audience = append(p.audience, string(text))
	return nil
}

// takeDate accepts a NumericDate (RFC 7519 §2), which may have a fraction. The fraction is dropped, so that a token ends
// up to a second early.
func (p *payload) takeDate(claim claimSet, into *int64, value []byte) *Error {
	if take, twice := p.state(claim, value); !take {
		return twice
	}
	if n := digits(value); n == len(value) && n <= usualDateDigits {
		for _, c := range value {
			*into = 10**into + int64(c-'0')
		}
		return nil
	}
	seconds, err := strconv.ParseFloat(string(value), 64) // which refuses text, true, [] and {}
	if err != nil || seconds < 0 || seconds > MaxUnixSeconds {
		return errDate
	}
	*into = int64(seconds)
	return nil
}

// usualDateDigits is the length of a date in whole seconds until the year 2286.
const usualDateDigits = 10

// complete sets the claims that may be absent and checks all of them.
func (p *payload) complete() *Error {
	switch {
	case p.stated&claimSubject == 0:
		return errSubject
	case p.stated&claimExpiresAt == 0:
		return errNoExpiry
	case p.required&claimIssuer != 0 && p.issuer == "":
		return errIssuer
	case p.required&claimAudience != 0 && len(p.audience) == 0:
		return errAudience
	case p.stated&claimUsername == 0:
		p.Username = p.UserID.String()
	}
	return p.check()
}
