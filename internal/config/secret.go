package config

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// secretFault explains why a secret is probably not the intended one, or returns nil. Editors and shells add
// invisible bytes, and a secret with them would match no token and no call.
func secretFault(text string) error {
	if err := encodingFault(text); err != nil {
		return err
	}
	if strings.TrimSpace(text) != text {
		return errors.New("it begins or ends with a blank or a newline: remove that (a file may end with one newline)")
	}
	return nil
}

// encodingFault explains why text is not shown correctly by an editor, or returns nil.
func encodingFault(text string) error {
	switch {
	case byteOrderFault(text) != nil:
		return byteOrderFault(text)
	case strings.ContainsRune(text, 0):
		return errors.New("it has zero bytes, as UTF-16 has: save it as UTF-8")
	case !utf8.ValidString(text):
		return errors.New("it is not UTF-8 text: write text, such as openssl rand -hex 32 prints")
	}
	return nil
}

// byteOrderFault explains which invisible bytes a file begins with, or returns nil.
func byteOrderFault(text string) error {
	switch {
	case strings.HasPrefix(text, "\ufeff"):
		return errors.New("it begins with a byte-order mark: save it as UTF-8 without one")
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"):
		return errors.New("it is in UTF-16: save it as UTF-8")
	}
	return nil
}

// headerFault explains why no HTTP header can carry text, or returns nil.
func headerFault(text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return errors.New("it has a newline or another control character, which no HTTP header can carry: every call would be refused")
	}
	return nil
}

// beyondASCII reports whether text has letters that many programs cannot send in a header.
func beyondASCII(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}
