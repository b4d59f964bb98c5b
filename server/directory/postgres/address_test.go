package postgres

import (
	"strings"
	"testing"
)

func TestInvalidAddressesAreExplained(t *testing.T) {
	const secret = "s3cr3t/%2B+word"
	const wanted = "postgresql://USER:PASSWORD@HOST"
	for url, want := range map[string]string{
		"mysql://u:" + secret + "@h/d":                           "it is not the URL of a PostgreSQL database: write " + wanted,
		"u:" + secret + "@h":                                     wanted,
		"postgresql://u:" + secret + "@h:port/d":                 wanted,
		"host=h password=s3cr3t":                                 wanted,
		"postgresql://u:s3cr3t@h:99999/d":                        "the port in the URL is none: write one from 1 to 65535",
		"postgresql://u:s3cr3t@[::1]:0/d":                        "write one from 1 to 65535",
		"postgresql://u:s3cr3t@a:1,b:70000/d":                    "write one from 1 to 65535",
		"postgresql://u:s3cr3t@h:5432/d?sslmode=never":           "sslmode in the URL is none that PostgreSQL knows: write disable, allow, prefer, require, verify-ca, verify-full",
		"postgresql://u@h/d?password=s3cr3t&sslmode=never":       "sslmode in the URL",
		"postgresql://u:s3cr3t@h:5432/d?pool_max_conns=many":     "it cannot be read (",
		"postgresql://u:s3c@h:5432/d?pool_max_conns=many":        "it cannot be read: write " + wanted,
		"postgresql://u:s3cr3t@h/d?sslrootcert=/s3cr3t-is-away":  "the file that sslrootcert in the URL names cannot be read: no such file or directory",
		"postgresql://u:e@h/d?sslmode=require&sslrootcert=/gone": "the file that sslrootcert in the URL names cannot be read: no such file or directory",
	} {
		err := CheckURL(url)
		wants(t, err, want)
		if err != nil && strings.Contains(err.Error(), "s3c") {
			t.Errorf("the password is in %q", err)
		}
	}
	for _, url := range []string{"postgresql://u:pw@h/d", "postgres://h:1,i:2/d?target_session_attrs=read-write", "postgresql:///d?host=/tmp"} {
		if err := CheckURL(url); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
