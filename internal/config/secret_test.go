package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// utf16Text is text as Windows editors save it.
func utf16Text(text string, mark bool) string {
	var b strings.Builder
	if mark {
		b.WriteString("\xff\xfe")
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		b.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return b.String()
}

func TestSecretsThatMatchNothingAreRefused(t *testing.T) {
	const secret = "a secret of more than thirty-two bytes"
	for name, tt := range map[string]struct{ text, want string }{
		"a byte-order mark":   {"\ufeff" + secret, "byte-order mark"},
		"UTF-16":              {utf16Text(secret, true), "UTF-16"},
		"big-endian UTF-16":   {"\xfe\xff\x00a", "UTF-16"},
		"UTF-16, no mark":     {utf16Text(secret, false), "zero bytes"},
		"bytes":               {secret + "\xff", "not UTF-8"},
		"a blank at the end":  {secret + " ", "begins or ends with a blank"},
		"a blank before it":   {" " + secret, "begins or ends with a blank"},
		"a tab at the end":    {secret + "\t", "begins or ends with a blank"},
		"a no-break space":    {secret + "\u00a0", "begins or ends with a blank"},
		"two newlines":        {secret + "\n\n", "newline"},
		"a return":            {secret + "\r\r\n", "newline"},
		"a newline before it": {"\n" + secret, "newline"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, tag := range settingTags() {
				if tag.Get("secret") == "" {
					continue
				}
				variable, flag := tag.Get("env"), tag.Get("name")
				_, err := parse(t, map[string]string{variable + fileSuffix: path})
				wantWords(t, err, variable+" (--"+flag+"), from the file "+path+" that "+variable+"_FILE names: it ", tt.want)
				if strings.ContainsRune(tt.text, 0) {
					continue // no variable and no argument can have it
				}
				_, err = parse(t, map[string]string{variable: tt.text})
				wantWords(t, err, variable+" (--"+flag+"), from "+variable+": it ", tt.want)
				_, err = parse(t, nil, "--"+flag+"="+tt.text)
				wantWords(t, err, "from --"+flag+": it ", tt.want)
				if strings.Contains(err.Error(), "thirty") {
					t.Errorf("the secret is in the message: %v", err)
				}
			}
		})
	}
	_, err := parse(t, nil, "--config="+write(t, "port: 1\njwt-secret: \"abc \"\n"))
	wantWords(t, err, "JWT_SECRET (--jwt-secret), from ", ".yaml:2: it begins or ends with a blank")
}

func TestAdminTokensThatNoHeaderCanCarryAreRefused(t *testing.T) {
	c := good(t)
	for text, valid := range map[string]bool{"two words": true, "tab\tbed": true, "a\nb": false, "a\rb": false, "a\x7fb": false, "a\x1bb": false} {
		c.AdminToken = text
		if err := c.Validate(); (err == nil) != valid {
			t.Errorf("%q: %v", text, err)
		} else if !valid {
			wantWords(t, err, "ADMIN_TOKEN (--admin-token)", "no HTTP header")
		}
	}
	c.AdminToken = "pässwort"
	if err := c.Validate(); err != nil || !strings.Contains(strings.Join(c.Warnings(), "\n"), "ADMIN_TOKEN (--admin-token) has letters outside ASCII") {
		t.Error(err, c.Warnings())
	}
}

func TestNamedAdminTokensAreChecked(t *testing.T) {
	c := good(t)
	c.AdminAddr, c.AdminTokens = "0.0.0.0:8001", "grafana:read:0123456789abcdef"
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"grafana:read:short", "grafana", "a:read:0123456789abcdef,a:read:0123456789abcdeg", "a:read:0123456789\nabcdef"} {
		c.AdminTokens = text
		wantWords(t, c.Validate(), "ADMIN_TOKENS (--admin-tokens)")
	}
}

func TestKeyFilesInTheWrongEncodingAreNamed(t *testing.T) {
	_, public := keyFiles(t)
	pem, err := os.ReadFile(public)
	if err != nil {
		t.Fatal(err)
	}
	for want, text := range map[string]string{"byte-order mark": "\ufeff" + string(pem), "UTF-16": utf16Text(string(pem), true)} {
		c := good(t)
		c.JWTPublicKeyFile = write(t, text)
		wantWords(t, c.Validate(), "JWT_PUBLIC_KEY_FILE (--jwt-public-key-file)", c.JWTPublicKeyFile, want)
	}
}
