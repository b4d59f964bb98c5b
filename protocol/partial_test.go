package protocol

import (
	"bytes"
	"slices"
	"testing"
)

func TestRFC6455Section54Fragments(t *testing.T) {
	pong := clientFrame(true, OpPong, nil)
	tests := map[string]struct {
		stream []byte
		want   trace
	}{
		"two":                       {slices.Concat(start("frag"), last("ment")), trace{said(OpText, "fragment")}},
		"binary":                    {slices.Concat(clientFrame(false, OpBinary, []byte{0xff}), last("\xfe")), trace{said(OpBinary, "\xff\xfe")}},
		"three empty":               {slices.Concat(start(""), more(""), last("")), trace{said(OpText, "")}},
		"between empty ones":        {slices.Concat(start(""), more("full"), last("")), trace{said(OpText, "full")}},
		"ping between":              {slices.Concat(start("a"), ping("p"), last("b")), trace{said(OpPing, "p"), said(OpText, "ab")}},
		"ping of any bytes between": {slices.Concat(start("a\xce"), ping("\xff\xfe"), last("\xba")), trace{said(OpPing, "\xff\xfe"), said(OpText, "aκ")}},
		"two messages":              {slices.Concat(start("a"), last("b"), start("c"), last("d")), trace{said(OpText, "ab"), said(OpText, "cd")}},
		"pings and pong": {slices.Concat(start("1"), more("2"), ping("x"), pong, more("3"), more("4"), ping("y"), last("5"), text("6")),
			trace{said(OpPing, "x"), said(OpPong, ""), said(OpPing, "y"), said(OpText, "12345"), said(OpText, "6")}},
		"close between": {slices.Concat(start("a"), clientFrame(true, OpClose, []byte{3, 232})), trace{said(OpClose, "\x03\xe8")}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { expect(t, test.stream, test.want...) })
	}
}

func TestRFC6455Section54FragmentsOutOfPlace(t *testing.T) {
	good := slices.Concat(start("go"), last("od"))
	tests := map[string]struct {
		stream []byte
		want   trace
	}{
		"last without a first":           {slices.Concat(last("x"), text("y")), trace{fail1002}},
		"more without a first":           {slices.Concat(more("x"), text("y")), trace{fail1002}},
		"more after a message":           {slices.Concat(good, more("x"), text("y")), trace{said(OpText, "good"), fail1002}},
		"last after a message":           {slices.Concat(text("t"), last("x")), trace{said(OpText, "t"), fail1002}},
		"text within a message":          {slices.Concat(start("a"), text("b")), trace{fail1002}},
		"binary within a message":        {slices.Concat(start("a"), clientFrame(true, OpBinary, nil)), trace{fail1002}},
		"a first frame within a message": {slices.Concat(start("a"), start("b")), trace{fail1002}},
		"ping, then text in between":     {slices.Concat(start("a"), ping("p"), text("b")), trace{said(OpPing, "p"), fail1002}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { expect(t, test.stream, test.want...) })
	}
}

func TestRFC6455Section55ControlFrames(t *testing.T) {
	full := string(bytes.Repeat([]byte("p"), 125))
	tests := map[string]struct {
		stream []byte
		want   trace
	}{
		"empty ping":       {ping(""), trace{said(OpPing, "")}},
		"any bytes":        {ping("\x00\xff\xfe\xfd\xfc\xfb\x00\xff"), trace{said(OpPing, "\x00\xff\xfe\xfd\xfc\xfb\x00\xff")}},
		"125 bytes":        {ping(full), trace{said(OpPing, full)}},
		"126 bytes":        {ping(full + "p"), trace{fail1002}},
		"64-bit length":    {[]byte{0x89, 0xff, 0, 0, 0, 0, 0, 1, 0, 0}, trace{fail1002}},
		"close, 126 bytes": {clientFrame(true, OpClose, []byte("\x03\xe8"+full[1:])), trace{fail1002}},
		"ping in pieces":   {slices.Concat(clientFrame(false, OpPing, []byte("a")), last("b")), trace{fail1002}},
		"pong in pieces":   {slices.Concat(clientFrame(false, OpPong, nil), last("")), trace{fail1002}},
		"close in pieces":  {clientFrame(false, OpClose, nil), trace{fail1002}},
		"pings in order":   {slices.Concat(ping("1"), ping("2"), ping("3")), trace{said(OpPing, "1"), said(OpPing, "2"), said(OpPing, "3")}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { expect(t, test.stream, test.want...) })
	}
}

func TestIdleDecoderHoldsNoMemory(t *testing.T) {
	var d Decoder
	var tr trace
	steps := []struct {
		read []byte
		held bool
	}{
		{text("complete"), false},
		{text("cut")[:1], true}, {text("cut")[1:], false},
		{text("cut")[:7], true}, {text("cut")[7:], false},
		{ping("cut")[:8], true}, {ping("cut")[8:], false},
		{start("a"), true}, {ping("p"), true}, {more("b")[:3], true}, {more("b")[3:], true}, {last("c"), false},
		{slices.Concat(text("x"), start("y"), last("z")), false},
	}
	for i, step := range steps {
		tr.feed(t, &d, step.read, &testLimits)
		if held := d.Pending() > 0; held != step.held || held != (d.partial != nil) {
			t.Errorf("after read %d: %d bytes are held", i, d.Pending())
		}
	}
	if !tr.feed(t, &d, slices.Concat(start("a"), start("b")), &testLimits) || d.Pending() != 0 {
		t.Errorf("after an error %d bytes are held", d.Pending())
	}
	tr.feed(t, &d, start("a"), &testLimits)
	if d.Release(); d.Pending() != 0 {
		t.Errorf("after Release %d bytes are held", d.Pending())
	}
}

func TestMemoryFollowsTheBytesNotTheDeclaredLength(t *testing.T) {
	lim := Limits{Frame: 16 << 20, Message: 16 << 20}
	var d Decoder
	var tr trace
	header := []byte{0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4}
	tr.feed(t, &d, append(header, make([]byte, 10)...), &lim)
	if d.Pending() > 2<<10 {
		t.Errorf("10 bytes of an announced 16 MiB hold %d bytes", d.Pending())
	}
	tr.feed(t, &d, make([]byte, 100_000), &lim)
	if d.Pending() > 300_000 {
		t.Errorf("100 kB of an announced 16 MiB hold %d bytes", d.Pending())
	}
	d.Release()
}

func TestLastFrameGetsABufferOfItsSize(t *testing.T) {
	lim := Limits{Frame: 16 << 20, Message: 16 << 20}
	var d Decoder
	var tr trace
	payload := make([]byte, 1_000_001)
	frame := clientFrame(true, OpBinary, payload)
	for _, read := range slices.Collect(slices.Chunk(frame[:len(frame)-1], 64<<10)) {
		tr.feed(t, &d, read, &lim)
	}
	if d.Pending() > len(payload)+1024 {
		t.Errorf("a frame of %d bytes holds %d", len(payload), d.Pending())
	}
	d.Release()
}

func TestManyFragmentsAreCopiedInLinearTime(t *testing.T) {
	const fragments = 65_537
	stream := start("0123456789abcdef")
	for range fragments - 2 {
		stream = append(stream, more("0123456789abcdef")...)
	}
	stream = append(stream, last("")...)
	lim := Limits{Frame: 16 << 20, Message: 16 << 20}
	var d Decoder
	size := 0
	allocations := testing.AllocsPerRun(1, func() {
		ev, _, ok, err := d.Next(slices.Clone(stream), &lim)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		size = len(ev.Payload)
	})
	if size != (fragments-1)*16 || allocations > 40 {
		t.Errorf("%d bytes joined with %v allocations; a buffer that doubles needs about 15", size, allocations)
	}
	d.Release()
}

// TestFragmentsOfAMessageAreBounded holds that a message of empty frames ends too. Each message has its own bound, and
// control frames between its frames do not count.
func TestFragmentsOfAMessageAreBounded(t *testing.T) {
	lim := testLimits
	lim.Fragments = 3
	three := slices.Concat(start(""), more(""), ping("x"), last("a"))
	expectWithin(t, &lim, slices.Concat(three, three, text("b")), said(OpPing, "x"), said(OpText, "a"), said(OpPing, "x"), said(OpText, "a"), said(OpText, "b"))
	for _, fourth := range [][]byte{more(""), last("")} {
		expectWithin(t, &lim, slices.Concat(start(""), more(""), more(""), fourth), failLine(StatusPolicyViolation))
	}
}
