package redis

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// someMessage is a direct message as the server writes it.
const someMessage = `{"id":"0a1b2c3d-0000-4000-8000-00000000000f","message_type":"text","data":{"text":"Hello"},` +
	`"timestamp":"2026-11-27T12:00:00.123Z","from_user_id":"df6bd6a9-4e92-5b06-9a5f-d0e514223fe9","from_username":"bob",` +
	`"to_user_id":"11111111-2222-5333-9444-555555555555"`

func TestAPackedMessageIsHalfAsLong(t *testing.T) {
	packed, ok := appendPacked(nil, []byte(someMessage))
	if !ok || len(packed) > len(someMessage)/2 {
		t.Errorf("%d bytes of %d, %v", len(packed), len(someMessage), ok)
	}
}

func TestPackedMessagesAreReadAgain(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		b := []byte(someMessage)
		for range random.IntN(6) {
			switch at := random.IntN(len(b)); random.IntN(4) {
			case 0:
				b[at] = byte(random.IntN(packFirst))
			case 1:
				b = append(b[:at:at], b[random.IntN(len(b)):]...)
			case 2:
				b = append(b[:at:at], someMessage[random.IntN(len(someMessage)):]...)
			case 3:
				b = bytes.ToUpper(b)
			}
			if len(b) == 0 {
				break
			}
		}
		checkPacked(t, b)
	}
}

func checkPacked(t *testing.T, json []byte) {
	t.Helper()
	packed, ok := appendPacked([]byte("before"), json)
	if !ok || !bytes.HasPrefix(packed, []byte("before")) {
		t.Fatalf("%q is not packed", json)
	}
	if got, ok := appendUnpacked([]byte("x"), packed[len("before"):]); !ok || string(got) != "x"+string(json) {
		t.Fatalf("%q is read as %q", json, got)
	}
}

func TestMessagesThatAreNoTextAreNotPacked(t *testing.T) {
	for c := range 256 {
		if _, ok := appendPacked(nil, []byte{'a', byte(c)}); ok != (c < packFirst) {
			t.Errorf("the byte %x: %v", c, ok)
		}
	}
	for _, bad := range []string{"\xfe", "\xff", "\xff0123456789abcde"} {
		if got, ok := appendUnpacked(nil, []byte(bad)); ok {
			t.Errorf("%q is read as %q", bad, got)
		}
	}
}

func FuzzPack(f *testing.F) {
	f.Add([]byte(someMessage))
	f.Fuzz(func(t *testing.T, json []byte) {
		if _, ok := appendPacked(nil, json); ok {
			checkPacked(t, json)
		}
		_, _ = appendUnpacked(nil, json)
	})
}

func BenchmarkPack(b *testing.B) {
	message := []byte(someMessage)
	packed, _ := appendPacked(nil, message)
	var room []byte
	b.Run("pack", func(b *testing.B) {
		for b.Loop() {
			room, _ = appendPacked(room[:0], message)
		}
	})
	b.Run("unpack", func(b *testing.B) {
		for b.Loop() {
			room, _ = appendUnpacked(room[:0], packed)
		}
	})
}
