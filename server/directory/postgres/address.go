package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// wanted is how an address is written.
const wanted = "write postgresql://USER:PASSWORD@HOST:5432/DATABASE, with special characters of the password percent-encoded"

// leastHidden is the shortest password that is searched in the library's errors: a shorter one is found in any word.
const leastHidden = 4

var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

// CheckURL validates the address of a database. Its error does not contain the password.
func CheckURL(text string) error {
	_, err := parse(text)
	return err
}

// parse reads an address. The library's own complaints may have the password in them, so none of theirs is passed
// on when the address cannot be taken apart to look for it.
func parse(text string) (*pgxpool.Config, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgresql" && u.Scheme != "postgres" {
		return nil, errors.New("it is not the URL of a PostgreSQL database: " + wanted)
	}
	config, err := pgxpool.ParseConfig(text)
	if err != nil {
		return nil, mistake(err, text, u)
	}
	c := config.ConnConfig
	c.ConnectTimeout = connectTimeout
	// No named statements: through a pooler, the next query may reach another server connection, which lacks them.
	c.DefaultQueryExecMode, c.StatementCacheCapacity = pgx.QueryExecModeCacheDescribe, 0
	c.DescriptionCacheCapacity = describedQueries
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "momentum"
	}
	return config, nil
}

// mistake explains why the library refuses an address.
func mistake(err error, text string, u *url.URL) error {
	var file *fs.PathError
	query := u.Query()
	switch {
	case query.Has("sslmode") && !slices.Contains(sslModes, query.Get("sslmode")):
		return fmt.Errorf("sslmode in the URL is none that PostgreSQL knows: write %s", strings.Join(sslModes, ", "))
	case errors.As(err, &file):
		for name, values := range query {
			if slices.Contains(values, file.Path) {
				return fmt.Errorf("the file that %s in the URL names cannot be read: %w", name, file.Err)
			}
		}
		return fmt.Errorf("a file that the URL or a PG variable names cannot be read: %w", file.Err)
	case slices.ContainsFunc(strings.Split(u.Host, ","), hasWrongPort):
		return errors.New("the port in the URL is none: write one from 1 to 65535")
	}
	said, hidden := complaint(err, text, u)
	if hidden {
		return errors.New("it cannot be read: " + wanted)
	}
	return fmt.Errorf("it cannot be read (%s): %s", said, wanted)
}

func hasWrongPort(host string) bool {
	_, port, found := strings.Cut(host[strings.LastIndexByte(host, ']')+1:], ":")
	n, err := strconv.ParseUint(port, 10, 16)
	return found && port != "" && (err != nil || n == 0)
}

// complaint returns the library's error without the address that it repeats. It is hidden if the password cannot be
// found in it for certain.
func complaint(err error, text string, u *url.URL) (said string, hidden bool) {
	said = err.Error()
	if i := strings.LastIndex(said, "`: "); i >= 0 {
		said = said[i+len("`: "):]
	}
	secrets := []string{text}
	if password, ok := u.User.Password(); ok && password != "" {
		_, raw, _ := strings.Cut(u.User.String(), ":")
		secrets = append(secrets, password, url.QueryEscape(password), url.PathEscape(password), raw)
	}
	for _, secret := range append(secrets, u.Query()["password"]...) {
		hidden = hidden || secret != "" && len(secret) < leastHidden
		if secret != "" {
			said = strings.ReplaceAll(said, secret, "xxxxx")
		}
	}
	return said, hidden
}
