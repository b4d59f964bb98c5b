package sim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"
)

// patience is how many actions a client of a manner behaves for, before it shows it.
const patience = 3

// do is one action of a client's own accord.
func (c *client) do(now time.Time) {
	w := c.w
	if c.quiet || c.leaving {
		return
	}
	c.actAt = now.Add(w.sc.gap/2 + time.Duration(w.random.Int64N(int64(w.sc.gap))))
	if c.manner == late {
		c.drip(now)
		return
	}
	atOnce := c == w.witness && w.stalling // all it said meanwhile would come at once, above the rate
	if !c.upgraded && c.manner != deaf || w.calm || atOnce {
		c.actAt = now.Add(time.Second)
		return
	}
	c.actions++
	switch {
	case c.manner == deaf:
		c.control(opPong, nil, item{kind: itemPong})
		c.actAt = now.Add(min(w.sc.gap, w.sc.interval/2))
	case c.actions <= patience:
		c.talk()
	case c.manner == flooder:
		for range 1 + w.random.IntN(max(10, 4*w.sc.rate)) {
			c.utter()
		}
		c.actAt = now.Add(10 * w.sc.gap)
	case c.manner == mute:
		c.vanish()
	case c.manner == vandal:
		c.offend()
	case c.manner == wild:
		c.rave()
	default:
		c.talk()
	}
}

// talk sends one thing, as an ordinary client does.
func (c *client) talk() {
	w := c.w
	switch n := w.random.IntN(100); {
	case n < 70 && c.returnsToTopics():
	case n < 8 && c != w.witness && c.sayAgain():
	case n < 22 && c != w.witness && c.turnsToTopics():
	case n < 25 && c != w.witness:
		c.listsUsers()
	case n < 60 || c == w.witness:
		c.utter()
	case n < 68:
		id := w.newID()
		data := fmt.Appendf(nil, `{"at":%d}`, w.steps)
		c.speak(opText, fmt.Appendf(nil, `{"id":"%s","message_type":"ping","data":%s}`, id, data), item{kind: itemAsk, id: id, data: data})
	case n < 74:
		payload := fmt.Append(nil, w.steps)
		c.control(opPing, payload, item{kind: itemPing, data: payload})
	case n < 82:
		c.blunder()
	case n < 92:
		for range 2 + w.random.IntN(6) {
			c.utter()
		}
	default:
		c.leave()
	}
}

// utter sends a message to all users or to one.
func (c *client) utter() {
	w := c.w
	it := item{kind: itemSay, id: w.newID(), what: [2]string{"text", "notification"}[w.random.IntN(2)]}
	var to *user
	if w.random.IntN(1000) >= w.sc.toAll {
		to = w.users[w.random.IntN(len(w.users))]
	}
	var about *topic
	if w.random.IntN(4) == 0 {
		to, about = nil, w.topicList[w.random.IntN(len(w.topicList))]
	}
	size := w.random.IntN(60)
	switch n := w.random.IntN(1000); {
	case n < w.sc.large && c != w.witness: // the witness must not be closed for memory
		size = w.random.IntN(w.sc.message - 600)
	case n < 250:
		size = 300 + w.random.IntN(600)
	}
	_, it.data, it.said = w.model.utter(c.user, to, about, w.padding[:size])
	if w.random.IntN(2) == 0 {
		it.stamp = stamp(w.net.Now().Add(-time.Hour))
	}
	it.ack = w.random.IntN(4) == 0 && c.manner != flooder
	c.say(it)
}

// say sends a message to others.
func (c *client) say(it item) {
	b := fmt.Appendf(nil, `{"id":"%s","message_type":"%s","data":%s,"from_user_id":"somebody else"`, it.id, it.what, it.data)
	if it.stamp != "" {
		b = fmt.Appendf(b, `,"timestamp":"%s"`, it.stamp)
	}
	if it.said.to != nil {
		b = fmt.Appendf(b, `,"to_user_id":"%s"`, it.said.to.id)
	}
	if it.said.topic != nil {
		b = fmt.Appendf(b, `,"topic":"%s"`, it.said.topic.name)
	}
	if it.ack {
		b = append(b, `,"ack":true`...)
		c.unacked = append(c.unacked, it)
	}
	c.speak(opText, append(b, '}'), it)
}

// blunder sends a message that is answered with an error.
func (c *client) blunder() {
	id := c.w.newID()
	switch c.w.random.IntN(4) {
	case 0:
		c.speak(opText, fmt.Appendf(nil, `{"id":"%s","message_type":"system_message"}`, id), item{kind: itemWrong, id: id, code: "not_allowed"})
	case 1:
		c.speak(opText, fmt.Appendf(nil, `{"id":"%s","message_type":"text",`, id), item{kind: itemWrong, id: id, code: "malformed_json"})
	case 2:
		c.speak(opText, fmt.Appendf(nil, `{"id":"%s","message_type":"hello"}`, id), item{kind: itemWrong, id: id, code: "unknown_message_type"})
	case 3:
		c.speak(opBinary, []byte{1, 2, 3}, item{kind: itemWrong, code: "binary_not_supported"})
	}
}

// speak sends a message, in one frame or in several with control frames between them, compressed or not.
func (c *client) speak(op byte, payload []byte, it item) {
	it.size = len(payload)
	first := op
	if c.packs && c.w.random.IntN(3) == 0 {
		payload, first = c.w.zip.pack(payload), first|rsv1Bit
	}
	it.wireBytes = len(payload)
	if first&rsv1Bit != 0 {
		it.wireBytes *= 4 // as compressed bytes count
	}
	if c.w.random.IntN(5) == 0 {
		for range 1 + c.w.random.IntN(4) {
			cut := c.w.random.IntN(len(payload) + 1)
			c.transmit(appendFrame(nil, first, payload[:cut], c.w.random))
			payload, first = payload[cut:], opContinuation
			if c.w.random.IntN(3) == 0 {
				c.control(opPing, []byte("between"), item{kind: itemPing, data: []byte("between")})
			}
		}
	}
	c.transmit(appendFrame(nil, finBit|first, payload, c.w.random))
	c.note(it)
}

func (c *client) control(op byte, payload []byte, it item) {
	c.transmit(appendFrame(nil, finBit|op, payload, c.w.random))
	c.note(it)
}

// transmit puts bytes on the wire.
func (c *client) transmit(b []byte) {
	c.sent += len(b)
	c.Transmit(b)
}

// note records the meaning of the bytes sent so far. After noise the meaning is unknown: they may be part of a frame.
func (c *client) note(it item) {
	if c.lawless {
		return
	}
	it.end = c.sent
	c.items = append(c.items, it)
}

// leave ends the connection in one of the ways there are.
func (c *client) leave() {
	switch c.w.random.IntN(4) {
	case 0:
		code := []int{1000, 1001, 3000, noCode}[c.w.random.IntN(4)]
		payload := closePayload(code)
		if code == noCode {
			payload = nil
		}
		c.control(opClose, payload, item{kind: itemClose, closing: code})
	case 1:
		c.HalfClose() // after its last message
	case 2:
		c.Reset()
	case 3:
		c.utter()
		c.utter()
		c.HalfClose()
	}
	c.leaving = true
}

// vanish simulates a client whose network has failed: no reads, no writes, no close.
func (c *client) vanish() {
	c.quiet = true
	if c.w.random.IntN(2) == 0 {
		c.Window = 0
	}
	c.w.mustPart.add(c, c.w.until.Add(c.w.sc.interval+c.w.sc.timeout+slack))
}

// offend breaks RFC 6455. Each protocol error shows with the last byte sent.
func (c *client) offend() {
	it := item{kind: itemProtocolError, closing: 1002}
	switch c.w.random.IntN(7) {
	case 0:
		c.transmit([]byte{finBit | opText, 5}) // not masked
	case 1:
		c.transmit([]byte{finBit | 0x30 | opText, maskBit}) // reserved bits
	case 2:
		c.transmit([]byte{finBit | 3, maskBit}) // no opcode
	case 3:
		c.transmit([]byte{opPing, maskBit}) // a control frame in fragments
	case 4:
		c.transmit(appendFrame(nil, finBit|opText, []byte{0xff}, c.w.random))
		it.closing = 1007
	case 5:
		c.transmit(binary.BigEndian.AppendUint64([]byte{finBit | opText, maskBit | 127}, uint64(c.w.sc.message)*1000))
		it.closing = 1009
	case 6: // no frame too large, but the message
		c.transmit(appendFrame(nil, opText, c.w.padding[:c.w.sc.message], c.w.random))
		c.transmit([]byte{finBit | opContinuation, maskBit | 100})
		it.closing = 1009
	}
	c.note(it)
	c.leaving = true
}

// rave sends anything at all.
func (c *client) rave() {
	c.lawless = true
	b := make([]byte, 1+c.w.random.IntN(3000))
	for i := range b {
		b[i] = byte(c.w.random.Uint32())
	}
	c.transmit(b)
}

// drip sends a little of a request that never ends.
func (c *client) drip(now time.Time) {
	c.transmit([]byte("x"))
	c.actAt = now.Add(time.Duration(300+c.w.random.IntN(1000)) * time.Millisecond)
}

// ask sends the upgrade request, or the other bytes that this client is to send first.
func (c *client) ask() {
	w := c.w
	c.want = 101
	b := request("/ws", c.present()+c.query(), []string{"", "permessage-deflate", "permessage-deflate; server_max_window_bits=10"}[w.random.IntN(3)])
	if c.manner == stray {
		b = c.strayRequest()
	}
	b = c.dress(b)
	if c.header != nil {
		c.transmit(c.header)
		c.note(item{kind: itemHeader})
	}
	if c.way == impostor {
		c.want = 400
	}
	if c.manner == late {
		c.transmit(b[:w.random.IntN(len(b)-4)])
		c.want = 408
		return
	}
	c.transmit(b)
	c.note(item{kind: itemRequest})
	if c.manner != brittle && c.want == 101 && w.random.IntN(10) == 0 { // does not wait for the answer
		c.control(opPing, []byte("early"), item{kind: itemPing, data: []byte("early")})
	}
}

func (c *client) strayRequest() []byte {
	w := c.w
	good := c.token.text
	switch w.random.IntN(9) {
	case 0:
		c.want = 401
		return request("/ws", good[:len(good)-2], "")
	case 1:
		c.want = 401
		return request("/ws", "", "")
	case 2:
		c.want = 404
		return request("/elsewhere", good, "")
	case 3:
		c.want = 426
		return bytes.Replace(request("/ws", good, ""), []byte("Version: 13"), []byte("Version: 12"), 1)
	case 4:
		c.want = 403
		return bytes.Replace(request("/ws", good, ""), []byte("Upgrade: web"), []byte("Origin: https://evil.example\r\nUpgrade: web"), 1)
	case 5:
		c.want = 503 // plain HTTP, which this node does not serve
		return []byte("GET /ws/stats HTTP/1.1\r\nHost: localhost\r\n\r\n")
	case 6:
		c.want = 204
		return inquiry(good)
	case 7:
		c.want = 401
		return inquiry(good[:len(good)-2])
	}
	c.want = 400
	return append(noise(w.random, 200), "\r\n\r\n"...)
}

// noise is control characters, in which no line ends.
func noise(random *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(1 + random.IntN(8))
	}
	return b
}
