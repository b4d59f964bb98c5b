package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// PostgreSQL's error codes for a new connection and for a statement.
const (
	wrongPassword = "28P01"
	notAllowed    = "28000"
	noDatabase    = "3D000"
	noRight       = "42501"
	noRoom        = "53300"
	notNow        = "57P03"
	noTable       = "42P01"
	tableThere    = "42P07"
	readOnly      = "25006"
	duplicate     = "23505"

	mistaken = "42" // begins the codes of statements with a mistake, or without a right
)

// awayError is a failed attempt to connect in an operator's words.
type awayError struct {
	text string
	err  error
}

// Error returns the words.
func (e *awayError) Error() string { return e.text }

// Unwrap returns the library's error.
func (e *awayError) Unwrap() error { return e.err }

// unreachable says why there is no connection. The library tries an address with TLS and without, and every address of
// a name, and repeats the address and itself with each attempt; so each reason is given once.
func unreachable(err error) error {
	var failed *pgconn.ConnectError
	if !errors.As(err, &failed) {
		if errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err) {
			return &awayError{"the database does not answer in time", err}
		}
		return &awayError{"the database cannot be reached: " + err.Error(), err}
	}
	attempts := attemptsOf(failed)
	if len(attempts) > 1 { // sslmode=prefer, the default, tries TLS first and does without it
		attempts = slices.DeleteFunc(attempts, refusedTLS)
	}
	var reasons []string
	for _, attempt := range attempts {
		if reason := whyNot(attempt, failed.Config); !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) == 0 { // every attempt was refused TLS
		reasons = []string{noTLS}
	}
	return &awayError{"the database cannot be reached: " + strings.Join(reasons, "; "), err}
}

// attemptsOf returns the error of each attempt to connect.
func attemptsOf(failed *pgconn.ConnectError) []error {
	inner := errors.Unwrap(failed)
	for inner != nil {
		if several, ok := inner.(interface{ Unwrap() []error }); ok {
			return slices.Clone(several.Unwrap())
		}
		if next := errors.Unwrap(inner); next != nil && strings.HasPrefix(inner.Error(), "hostname resolving error") {
			inner = next
			continue
		}
		return []error{inner}
	}
	return nil
}

const noTLS = "it offers no TLS, which sslmode in the URL asks for"

func refusedTLS(err error) bool {
	return strings.HasSuffix(err.Error(), "server refused TLS connection")
}

// whyNot is the reason of one attempt, with the address where that helps.
func whyNot(err error, config *pgconn.Config) string {
	var said *pgconn.PgError
	var name *net.DNSError
	var dialed *net.OpError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	address := ""
	if errors.As(err, &dialed) && dialed.Addr != nil {
		address = dialed.Addr.String()
	}
	switch {
	case errors.As(err, &said):
		return refusal(said, config)
	case errors.As(err, &name):
		return fmt.Sprintf("the name %s cannot be resolved (%s)", name.Name, name.Err)
	case refusedTLS(err):
		return noTLS
	case errors.As(err, &certificate), errors.As(err, &authority):
		return "its TLS certificate is not accepted: " + innermost(err).Error()
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nothing listens on %s: is PostgreSQL running there?", address)
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("the socket %s: %v", address, innermost(err))
	case pgconn.Timeout(err), errors.Is(err, context.DeadlineExceeded):
		if address == "" {
			address = config.Host
		}
		return fmt.Sprintf("%s does not answer within %v", address, connectTimeout)
	case address != "":
		return fmt.Sprintf("%s: %v", address, innermost(err))
	}
	return innermost(err).Error()
}

// refusal explains PostgreSQL's refusal of a new connection, with advice.
func refusal(said *pgconn.PgError, config *pgconn.Config) string {
	switch said.Code {
	case wrongPassword:
		return fmt.Sprintf("it refuses the password of the user %q: correct the user and the password in the URL (%s)", config.User, said.Message)
	case notAllowed:
		return fmt.Sprintf("it does not let the user %q in: look at the role and at pg_hba.conf (%s)", config.User, said.Message)
	case noDatabase:
		return fmt.Sprintf("it has no database %q: create it, or correct the name in the URL", config.Database)
	case noRight:
		return fmt.Sprintf("the user %q may not connect to the database %q: GRANT CONNECT to it (%s)", config.User, config.Database, said.Message)
	case noRoom:
		return fmt.Sprintf("it has no connection left: raise its max_connections, or lower DB_POOL_SIZE (%s)", said.Message)
	case notNow:
		return fmt.Sprintf("it takes no connections now (%s)", said.Message)
	}
	return fmt.Sprintf("it refuses the connection: %s (SQLSTATE %s)", said.Message, said.Code)
}

// refused explains PostgreSQL's refusal of a statement, with advice.
func refused(said *pgconn.PgError) error {
	switch said.Code {
	case noRight:
		return fmt.Errorf("%w: grant it to the user of DATABASE_URL; docs/DIRECTORY.md has the rights it needs", said)
	case readOnly:
		return fmt.Errorf("%w: DATABASE_URL leads to a database that takes no changes from this user", said)
	}
	return said
}

// innermost returns the first cause of an error: the wrappers only repeat the place.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
