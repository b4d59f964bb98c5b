package auth

import (
	"strings"

	"github.com/google/uuid"
)

// UserID returns the id of the user with this e-mail address if no database assigns one: a UUIDv5 (RFC 9562 §5.5), the
// same on every node, at any time and in any spelling of the address.
func UserID(email string) uuid.UUID {
	return uuid.NewSHA1(userNamespace(), []byte(strings.ToLower(strings.TrimSpace(email))))
}

// userNamespace separates these ids from those that other programs derive from the same addresses. It was drawn at
// random and must never change, because the ids depend on it.
func userNamespace() uuid.UUID {
	return uuid.UUID{0x3e, 0x1f, 0x6b, 0x52, 0xc8, 0x0d, 0x4a, 0x97, 0xb4, 0x2c, 0x91, 0xe7, 0x05, 0xda, 0x68, 0x3f}
}
