package load

import (
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf8"
)

// readFrames reads data of an admitted connection.
func (f *fleet) readFrames(i int, data []byte, now int64) {
	c := &f.connections[i]
	data = c.reader.open(data)
	for c.fd >= 0 {
		frame, size, bad := parseFrame(data)
		if bad == nil && size == 0 {
			c.reader.keep(data)
			return
		}
		if bad == nil && c.state == closeReceived && frame.op < opClose {
			bad = dataAfterClose
		}
		var op byte
		var payload []byte
		complete := false
		if bad == nil {
			op, payload, complete, bad = c.reader.assemble(frame)
		}
		if bad != nil {
			f.failConnection(i, bad)
			return
		}
		data = data[size:]
		if complete {
			f.handleMessage(i, op, payload, now)
		}
	}
}

// handleMessage handles one complete message or control frame.
func (f *fleet) handleMessage(i int, op byte, payload []byte, now int64) {
	switch op {
	case opPing: // answered with the same payload, but not after a close frame (RFC 6455 §5.5.2)
		if f.connections[i].state == live {
			f.writeFrame(i, opPong, payload)
		}
	case opClose:
		f.handleClose(i, payload)
	case opText:
		if !utf8.Valid(payload) {
			f.failConnection(i, invalidText)
			return
		}
		f.recordDelivery(i, payload, now)
	}
}

// failConnection closes a connection because of a fault of the server (RFC 6455 §7.1.7). A handshake is not tried
// again: the same server would answer it the same way.
func (f *fleet) failConnection(i int, bad *fault) {
	c := &f.connections[i]
	if !bad.tolerated {
		f.traffic.violations[bad.kind]++
		f.traffic.violationCount++
	}
	switch c.state {
	case connecting, requested:
		f.admission.pending--
		f.admission.givenUp++
	case live:
		f.countDrop(bad.kind)
		f.open.Add(-1)
		c.state = closeSent
		f.writeFrame(i, opClose, binary.BigEndian.AppendUint16(nil, bad.code))
	}
	if c.fd >= 0 {
		f.close(i)
	}
}

// recordDelivery accounts for a text message.
func (f *fleet) recordDelivery(i int, message []byte, now int64) {
	t := &f.traffic
	r, ok := readTag(message)
	if !ok || r.run != t.run {
		if code := errorCode(message); code != "" {
			t.errors[code]++
		}
		return
	}
	if r.from < 0 || r.from >= len(f.connections) || r.seq >= f.connections[r.from].sent {
		t.misdelivered++ // no such message has been sent
		return
	}
	a, meant := t.streams.record(i, r)
	switch {
	case !meant:
		t.misdelivered++
		return
	case a == duplicated:
		t.duplicated++
		return
	case a == tooOld:
		t.disordered++
		return
	case a == disordered:
		t.disordered++
	}
	t.received++
	t.lastReceived = now
	t.delivery.record(now, time.Duration(now-r.sent))
	f.recordDrift(r.sent, time.Duration(now-r.sent))
}

// recordDrift separates the latencies of the first third of a sustained test from those of the last.
func (f *fleet) recordDrift(due int64, took time.Duration) {
	if f.test != Sustained {
		return
	}
	third := int64(f.plan.duration()) / 3
	switch at := due - f.traffic.began; {
	case at < third:
		record(f.traffic.early, took)
	case at >= 2*third:
		record(f.traffic.late, took)
	}
}

// handleClose answers the server's close frame, unless it is itself the answer to ours. The server closes the socket
// (RFC 6455 §7.1.1), so that no port of this host stays in TIME_WAIT.
func (f *fleet) handleClose(i int, payload []byte) {
	c := &f.connections[i]
	code, reason, bad := parseClose(payload)
	if bad != nil {
		f.failConnection(i, bad)
		return
	}
	before := c.state
	c.state = closeReceived
	if before != live {
		return
	}
	why := "closed without a code"
	if code > 0 {
		why = fmt.Sprintf("closed with %d %s", code, reason)
	}
	f.open.Add(-1)
	f.countDrop(why)
	f.writeFrame(i, opClose, payload[:min(len(payload), 2)])
}

// drop handles a connection that was lost during the test.
func (f *fleet) drop(i int, why string) {
	f.countDrop(why)
	f.close(i)
}

func (f *fleet) countDrop(why string) {
	if f.stage == closing {
		return // the connections are being closed anyway
	}
	f.traffic.drops[why]++
	f.traffic.dropped++
}
