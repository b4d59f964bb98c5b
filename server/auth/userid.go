package auth

import (
	"strings"

	"github.com/google/uuid"
)

// UserID returns the id of the user with this e-mail address where no database gives one: a UUIDv5 (RFC 9562
// §5.5), the same on every node, at every time and however the address is written.
func UserID(email string) uuid.UUID {
	return uuid.NewSHA1(userNamespace(), []byte(strings.ToLower(strings.TrimSpace(email))))
}

// userNamespace keeps our ids apart from those that others make of the same addresses. It was drawn at random
// and must never change: ids follow from it.
func userNamespace() uuid.UUID {
	return uuid.UUID{0x3e, 0x1f, 0x6b, 0x52, 0xc8, 0x0d, 0x4a, 0x97, 0xb4, 0x2c, 0x91, 0xe7, 0x05, 0xda, 0x68, 0x3f}
}
