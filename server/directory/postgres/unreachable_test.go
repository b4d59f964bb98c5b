package postgres

import (
	"strings"
	"testing"

	"momentum/internal/postgrestest"
)

func TestEachReasonForNoConnectionIsGivenOnce(t *testing.T) {
	address := postgrestest.Database(t)
	as(t, address, "somebody")
	postgrestest.Exec(t, address, "REVOKE CONNECT ON DATABASE "+address[strings.LastIndex(address, "/")+1:strings.Index(address, "?")]+" FROM PUBLIC")
	prefer := strings.Replace(address, "sslmode=disable", "sslmode=prefer", 1)
	wrong := strings.Replace(prefer, "not-so", "wr0ng", 1)
	for name, tt := range map[string]struct {
		address string
		want    string
	}{
		"a wrong password":  {wrong, `the database cannot be reached: it refuses the password of the user "momentum": correct the user and the password in the URL (password authentication failed for user "momentum")`},
		"no such user":      {strings.Replace(prefer, "momentum:", "nobody:", 1), `it refuses the password of the user "nobody"`},
		"no right":          {strings.Replace(strings.Replace(prefer, "momentum:", "somebody:", 1), "not-so+secret", "pw", 1), `the user "somebody" may not connect to the database`},
		"no such database":  {strings.Replace(prefer, "/test_", "/none_", 1), `it has no database "none_`},
		"no TLS":            {strings.Replace(address, "sslmode=disable", "sslmode=require", 1), "the database cannot be reached: it offers no TLS, which sslmode in the URL asks for"},
		"nothing there":     {"postgresql://u:pw@127.0.0.1:1/d", "the database cannot be reached: nothing listens on 127.0.0.1:1: is PostgreSQL running there?"},
		"nothing, two ways": {"postgresql://u:pw@127.0.0.1:1,127.0.0.1:1/d", "the database cannot be reached: nothing listens on 127.0.0.1:1: is PostgreSQL running there?"},
		"no such name":      {"postgresql://u:pw@nowhere.invalid/d", "the database cannot be reached: the name nowhere.invalid cannot be resolved ("},
		"no such socket":    {"postgresql:///d?host=/nowhere&user=u", "the database cannot be reached: the socket /nowhere/.s.PGSQL.5432: no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			err := open(t, Options{URL: tt.address}).Check(within(t))
			wants(t, err, tt.want)
			if err == nil {
				return
			}
			text := err.Error()
			if strings.ContainsAny(text, "\n\t") || strings.Contains(text, "wr0ng") || strings.Count(text, "dial") > 0 || Permanent(err) {
				t.Errorf("%q", text)
			}
			if name != "no TLS" && strings.Contains(text, "TLS") {
				t.Errorf("TLS is not what is wrong: %q", text)
			}
		})
	}
}
