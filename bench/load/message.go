package load

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// tag is the data of one of our messages, by which its receiver accounts for it.
type tag struct {
	run  uint64 // of the run that sent it
	seq  uint32 // number among the messages of its sender
	from int    // index of the sender
	sent int64  // when it was due, in nanoseconds since the run began
}

// appendMessage appends the JSON of a text message. If to is empty, it goes to all other users.
func appendMessage(dst []byte, r tag, to, stamp string) []byte {
	dst = append(dst, `{"id":"`...)
	dst = strconv.AppendInt(dst, int64(r.from), 36)
	dst = append(dst, '-')
	dst = strconv.AppendUint(dst, uint64(r.seq), 36)
	dst = append(dst, `","message_type":"text","data":{"seq":`...)
	dst = strconv.AppendUint(dst, uint64(r.seq), 10)
	dst = append(dst, `,"from":`...)
	dst = strconv.AppendInt(dst, int64(r.from), 10)
	dst = append(dst, `,"sent":`...)
	dst = strconv.AppendInt(dst, r.sent, 10)
	dst = append(dst, `,"run":`...)
	dst = strconv.AppendUint(dst, r.run, 10)
	dst = append(dst, `},"timestamp":"`...)
	dst = append(dst, stamp...)
	if to != "" {
		dst = append(dst, `","to_user_id":"`...)
		dst = append(dst, to...)
	}
	return append(dst, `"}`...)
}

// tagStart is how the data of our messages begins. The server passes data on byte for byte.
var tagStart = []byte(`"data":{"seq":`)

// readTag finds the tag in a message, without parsing the rest of it.
func readTag(message []byte) (r tag, ok bool) {
	at := bytes.Index(message, tagStart)
	if at < 0 {
		return r, false
	}
	rest := message[at+len(tagStart):]
	seq, rest, ok1 := readNumber(rest, `,"from":`)
	from, rest, ok2 := readNumber(rest, `,"sent":`)
	sent, rest, ok3 := readNumber(rest, `,"run":`)
	run, _, ok4 := readNumber(rest, `}`)
	return tag{run: run, seq: uint32(seq), from: int(from), sent: int64(sent)}, ok1 && ok2 && ok3 && ok4
}

// readNumber reads digits up to the text that must follow them, and returns the rest after that text.
func readNumber(text []byte, follows string) (n uint64, rest []byte, ok bool) {
	i := 0
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		n = n*10 + uint64(text[i]-'0')
		i++
	}
	if i == 0 || !bytes.HasPrefix(text[i:], []byte(follows)) {
		return 0, nil, false
	}
	return n, text[i+len(follows):], true
}

// errorCode returns the code of an error message from the server, and "" for any other message.
func errorCode(message []byte) string {
	if !bytes.Contains(message, []byte(`"message_type":"error"`)) {
		return ""
	}
	var m struct {
		Data struct {
			Code string `json:"code"`
		} `json:"data"`
	}
	if json.Unmarshal(message, &m) != nil || m.Data.Code == "" {
		return "unreadable"
	}
	return m.Data.Code
}
