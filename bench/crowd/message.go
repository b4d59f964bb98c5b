package crowd

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// Tags are the last byte of the ids of our messages. The ids that the server makes have lower-case hexadecimal digits
// at this place.
const (
	Broadcast = 'A' // of the first sender; those of the others follow
	Direct    = 'z'
	Reply     = 'y' // of a ping message and its answer
)

// Message is a message that a client has received.
type Message struct {
	Client int
	Tag    byte
	Seq    uint64 // 0: it has none
	Sent   int64  // Monotonic, as the text has it; 0: it does not
	At     int64  // Monotonic, after it was read
}

const (
	idBegin    = `{"id":"`
	idLetters  = 36
	tagAt      = len(idBegin) + idLetters - 1
	seqKey     = `,"seq":`
	contentKey = `"content":"`
	seqTail    = 32 // bytes at the end of a message in which its number is
)

// handle tracks the position of a client, and hands the message over.
func (c *Crowd) handle(i int, payload []byte) error {
	if !bytes.HasPrefix(payload, []byte(idBegin)) {
		c.greet(i, payload)
		return nil
	}
	m := &c.message
	m.Client, m.Tag, m.Seq, m.Sent = i, 0, 0, 0
	if len(payload) > tagAt {
		m.Tag = payload[tagAt]
	}
	tail := payload[max(0, len(payload)-seqTail):]
	if at := bytes.LastIndex(tail, []byte(seqKey)); at >= 0 {
		m.Seq = number(tail[at+len(seqKey):])
	}
	if ours := m.Tag == Direct || m.Tag == Reply || m.Tag >= Broadcast && m.Tag <= 'Z'; !ours {
		c.greet(i, payload)
		return nil
	}
	if at := bytes.Index(payload, []byte(contentKey)); at >= 0 {
		m.Sent = int64(number(payload[at+len(contentKey):]))
	}
	if m.Seq != 0 {
		c.track(&c.clients[i], m)
	}
	return c.Received(m)
}

// track moves the position of a client.
func (c *Crowd) track(k *client, m *Message) {
	last := &k.broadcast
	if m.Tag == Direct {
		last = &k.direct
		if k.epoch != 0 && m.Seq > *last+1 {
			c.Figures.Jumps++
		}
	}
	if m.Seq <= *last {
		c.Figures.Twice++
		return
	}
	*last = m.Seq
}

// greet handles a message of the server's own: a welcome, a gap, or presence.
func (c *Crowd) greet(i int, payload []byte) {
	kind := field(payload, `"message_type":"`)
	switch {
	case bytes.HasPrefix(kind, []byte("welcome")):
		c.welcome(&c.clients[i], payload)
	case bytes.HasPrefix(kind, []byte("gap")):
		c.Figures.Gaps++
	case bytes.HasPrefix(kind, []byte("presence")), bytes.HasPrefix(kind, []byte("user_")):
		c.Figures.Presence++
	}
}

func (c *Crowd) welcome(k *client, payload []byte) {
	epoch, _, _ := bytes.Cut(field(payload, `"epoch":"`), []byte(`"`))
	resumed := bytes.Contains(payload, []byte(`"resumed":true`))
	missed := int(number(field(payload, `"missed":`)))
	switch {
	case resumed:
		c.Figures.Resumed++
		c.Figures.Missed += missed
	case k.epoch == 0:
		c.Figures.Fresh++
	default:
		c.Figures.Failed++
	}
	if !resumed || missed == 0 {
		k.epoch = c.epoch(epoch)
		k.broadcast, k.direct = number(field(payload, `"broadcast":`)), number(field(payload, `"direct":`))
	}
}

// epoch returns the index of an epoch, of which there are few.
func (c *Crowd) epoch(text []byte) uint16 {
	for i, known := range c.epochs[1:] {
		if known == string(text) {
			return uint16(i + 1)
		}
	}
	c.epochs = append(c.epochs, string(text))
	return uint16(len(c.epochs) - 1)
}

// field returns the bytes after a key; nil: there is none.
func field(payload []byte, key string) []byte {
	if at := bytes.Index(payload, []byte(key)); at >= 0 {
		return payload[at+len(key):]
	}
	return nil
}

// number reads the digits at the beginning of b.
func number(b []byte) (n uint64) {
	for _, digit := range b {
		if digit < '0' || digit > '9' {
			break
		}
		n = 10*n + uint64(digit-'0')
	}
	return n
}

// words are what texts are made of. Nodes compress messages, so the letters must not be all the same.
var words = strings.Fields(`about after again all and any before but can day down every first for from good great have help here house
	just know last light little long look make more most never night now number of off old one only other our out over part people place
	right same say see some sound take tell than that then there thing think three time turn two under very walk water way well what
	when where which while will with word work world would write year you`)

// Text returns a text message with an id of its own, the present time and so many more letters as a frame: for the user of that
// number, or for all if it is negative.
func Text(tag byte, to, letters int) []byte {
	address := ""
	if to >= 0 {
		address = `,"to_user_id":"` + UserID(to).String() + `"`
	}
	id := uuid.New()
	random := rand.New(rand.NewPCG(binary.BigEndian.Uint64(id[:]), 0))
	var text []byte
	for len(text) < letters {
		text = append(append(text, ' '), words[random.IntN(len(words))]...)
	}
	return masked(fmt.Appendf(nil, `{"id":"%s%c","message_type":"text","data":{"content":"%d%s"}%s}`,
		id.String()[:idLetters-1], tag, Monotonic(), text[:letters], address))
}

// Ping returns a message that is answered with its id, as a frame.
func Ping() []byte {
	return masked(fmt.Appendf(nil, `{"id":"00000000-0000-0000-0000-00000000000%c","message_type":"ping"}`, Reply))
}

// masked returns a text message as a client's frame, with a key of zeros.
func masked(text []byte) []byte {
	f := []byte{0x81}
	if len(text) < 126 {
		f = append(f, 0x80|byte(len(text)))
	} else {
		f = binary.BigEndian.AppendUint16(append(f, 0x80|126), uint16(len(text)))
	}
	return append(append(f, 0, 0, 0, 0), text...)
}

// Monotonic returns the nanoseconds of a clock that all processes of the host share.
func Monotonic() int64 {
	s := started()
	return s.clock + int64(time.Since(s.at)) // without a system call, unlike a look at the clock itself
}

// start is a moment on both clocks.
type start struct {
	clock int64
	at    time.Time
}

var started = sync.OnceValue(func() start {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) // it exists on every Linux
	return start{now.Nano(), time.Now()}
})
