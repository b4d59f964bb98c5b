package redis

import (
	"bytes"
	"encoding/binary"

	"github.com/google/uuid"
)

// A packed message is its JSON with a byte for each of the texts that the server writes into most messages, and 17 bytes for an id of 36
// letters. It is half as long, which Redis keeps, hashes (each text of a script) and sends. The bytes from packFirst on are in no text of
// UTF-8, so they need no escapes.
const (
	packFirst = 0xf5
	packUUID  = 0xff

	idLetters = 36
	hexDigits = "0123456789abcdef"
)

// packTexts are the texts of the bytes from packFirst on. Nodes of one cluster must have the same: another list is another form of a bundle.
var packTexts = [...]string{
	`"message_type":"text","data":`, `"message_type":"notification","data":`, `"message_type":"system_message","data":`,
	`"timestamp":"`, `"from_user_id":"`, `"from_username":"`, `"to_user_id":"`, `"topic":"`, `"id":"`,
}

// packSecond has for the byte after a quotation mark the texts that begin so.
var packSecond = func() (by [256][]byte) {
	for i, text := range packTexts {
		by[text[1]] = append(by[text[1]], byte(i))
	}
	return by
}()

// idPlaces are the places of the bytes of an id among its letters.
var idPlaces = [16]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}

// packDigits has the values of the digits that the server writes ids with, plus 1.
var packDigits = func() (values [256]byte) {
	for i, c := range []byte(hexDigits) {
		values[c] = byte(i) + 1
	}
	return values
}()

// appendPacked appends a message packed, or returns false if it has bytes that are in no text.
func appendPacked(dst, json []byte) (packed []byte, ok bool) {
	if !packable(json) {
		return dst, false
	}
	for {
		quote := bytes.IndexByte(json, '"')
		if quote < 0 {
			return append(dst, json...), true
		}
		dst, json = append(dst, json[:quote]...), json[quote:]
		if text := packedText(json); text < 0 {
			dst, json = append(dst, '"'), json[1:]
		} else {
			dst, json = append(dst, packFirst+byte(text)), json[len(packTexts[text]):]
		}
		if id, ok := packedID(json); ok {
			dst, json = append(append(dst, packUUID), id[:]...), json[idLetters:]
		}
	}
}

// packable returns whether all bytes are below packFirst. Most messages are ASCII, which is seen in eight bytes at once.
func packable(json []byte) bool {
	for len(json) >= 8 && binary.LittleEndian.Uint64(json)&0x8080808080808080 == 0 {
		json = json[8:]
	}
	for _, c := range json {
		if c >= packFirst {
			return false
		}
	}
	return true
}

// packedText returns which of the texts some JSON begins with, or -1.
func packedText(json []byte) int {
	if len(json) > 1 {
		for _, i := range packSecond[json[1]] {
			if text := packTexts[i]; len(json) >= len(text) && string(json[:len(text)]) == text {
				return int(i)
			}
		}
	}
	return -1
}

// packedID returns the id that some JSON begins with, if it is written as the server writes ids.
func packedID(json []byte) (id uuid.UUID, ok bool) {
	if len(json) < idLetters || json[8] != '-' || json[13] != '-' || json[18] != '-' || json[23] != '-' {
		return id, false
	}
	for i, at := range idPlaces {
		high, low := packDigits[json[at]], packDigits[json[at+1]]
		if high == 0 || low == 0 {
			return id, false
		}
		id[i] = (high-1)<<4 | (low - 1)
	}
	return id, true
}

// appendUnpacked appends the JSON of a packed message, or returns false if there is none.
func appendUnpacked(dst, packed []byte) (json []byte, ok bool) {
	for {
		n := 0
		for n < len(packed) && packed[n] < packFirst {
			n++
		}
		dst = append(dst, packed[:n]...)
		if packed = packed[n:]; len(packed) == 0 {
			return dst, true
		}
		switch text := int(packed[0] - packFirst); {
		case text < len(packTexts):
			dst, packed = append(dst, packTexts[text]...), packed[1:]
		case packed[0] == packUUID && len(packed) > 16:
			dst = appendLetters(dst, packed[1:17])
			packed = packed[17:]
		default:
			return dst, false
		}
	}
}

// appendLetters appends an id as the server writes it.
func appendLetters(dst, id []byte) []byte {
	letters := [idLetters]byte{8: '-', 13: '-', 18: '-', 23: '-'}
	for i, at := range idPlaces {
		letters[at], letters[at+1] = hexDigits[id[i]>>4], hexDigits[id[i]&15]
	}
	return append(dst, letters[:]...)
}
