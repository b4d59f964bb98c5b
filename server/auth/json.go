package auth

// The grammar of JSON (RFC 8259). Each function returns the length in bytes of the element that b begins with, or none
// (-1) if b does not begin with a complete one.

const none = -1

// space returns the length of the white space that b begins with.
func space(b []byte) int {
	for i, c := range b {
		if c > ' ' || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return i
		}
	}
	return len(b)
}

func valueLength(b []byte) int {
	if len(b) == 0 {
		return none
	}
	switch b[0] {
	case '"':
		return stringLength(b)
	case '{':
		return objectLength(b)
	case '[':
		return arrayLength(b)
	case 't':
		return wordLength(b, "true")
	case 'f':
		return wordLength(b, "false")
	case 'n':
		return wordLength(b, "null")
	}
	return numberLength(b)
}

func objectLength(b []byte) int {
	o := object{rest: b[1:], first: true}
	for {
		if _, _, more := o.next(); !more {
			return o.length(b)
		}
	}
}

func arrayLength(b []byte) int {
	o := object{rest: b[1:], first: true}
	for {
		if _, more := o.element(); !more {
			return o.length(b)
		}
	}
}

// length returns the length of the object or array at the start of b, or none if the iteration ended at a syntax error.
func (o *object) length(b []byte) int {
	if !o.over {
		return none
	}
	return len(b) - len(o.rest) + 1
}

func wordLength(b []byte, word string) int {
	if len(b) < len(word) || string(b[:len(word)]) != word {
		return none
	}
	return len(word)
}

func stringLength(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return none
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return none
		case c == '\\':
			n := escapeLength(b[i:])
			if n < 0 {
				return none
			}
			i += n - 1
		}
	}
	return none
}

func escapeLength(b []byte) int {
	const hexDigits = 4
	if len(b) < 2 {
		return none
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 2+hexDigits {
			return none
		}
		for _, c := range b[2 : 2+hexDigits] {
			if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return none
			}
		}
		return 2 + hexDigits
	}
	return none
}

func numberLength(b []byte) int {
	at := 0
	if at < len(b) && b[at] == '-' {
		at++
	}
	whole := digits(b[at:])
	if whole == 0 || whole > 1 && b[at] == '0' {
		return none
	}
	at += whole
	if at < len(b) && b[at] == '.' {
		n := digits(b[at+1:])
		if n == 0 {
			return none
		}
		at += 1 + n
	}
	if at < len(b) && (b[at] == 'e' || b[at] == 'E') {
		at++
		if at < len(b) && (b[at] == '+' || b[at] == '-') {
			at++
		}
		n := digits(b[at:])
		if n == 0 {
			return none
		}
		at += n
	}
	return at
}

func digits(b []byte) int {
	for i, c := range b {
		if !isDigit(c) {
			return i
		}
	}
	return len(b)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
