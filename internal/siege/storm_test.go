package siege

import (
	"bytes"
	"math/rand/v2"
	"sync/atomic"
	"testing"
)

// TestTokenStorm has 10,000 clients connect with forged tokens.
func TestTokenStorm(t *testing.T) {
	const size = 10000
	n := serve(t, 0)
	w := connectBystanders(t, n)
	before, spent := n.memory("VmRSS"), n.time()
	forged := []byte(token(t, "stranger"))
	forged[len(forged)-5] ^= 1
	raw := request(string(forged))
	var others atomic.Int64
	w.withstand(func() {
		side(size, 8, func(i int) {
			if got := n.answer(i, raw); got != 401 {
				others.Add(1)
			}
		})
	})
	t.Logf("%v for each refusal, including the connection", (n.time()-spent)/size)
	if others.Load() > 0 {
		t.Errorf("%d of %d did not read 401", others.Load(), size)
	}
	if got := n.stats().Refused["token"]; got != size {
		t.Errorf("token counts %d of %d", got, size)
	}
	checkMemory(t, n, before, size, 0)
	w.alone()
}

// TestGarbageInEveryHeader sends requests with random bytes in one of the headers.
func TestGarbageInEveryHeader(t *testing.T) {
	const size = 10000
	n := serve(t, 0)
	w := connectBystanders(t, n)
	random := rand.New(rand.NewPCG(6, 6))
	requests := make([][]byte, size)
	for i := range requests {
		requests[i] = garbled(random, request("x.y.z"))
	}
	var unanswered, wrong atomic.Int64
	w.withstand(func() {
		side(size, 8, func(i int) {
			switch got := n.answer(i, requests[i]); {
			case got == 0:
				unanswered.Add(1)
			case got != 400 && got != 401 && got != 426:
				wrong.Add(1)
				t.Logf("%q: %d", requests[i], got)
			}
		})
	})
	if unanswered.Load()+wrong.Load() > 0 {
		t.Errorf("of %d, %d had no answer, and %d another one than 400, 401 or 426 (version)", size, unanswered.Load(), wrong.Load())
	}
	refused := n.stats().Refused
	if got := refused["bad_request"] + refused["token"]; got != size {
		t.Errorf("bad_request and token count %d of %d: %v", got, size, refused)
	}
	w.alone()
}

// garbled overwrites the value of one header with random bytes other than the end of a line. The result can be valid only in
// a header that may have any value.
func garbled(random *rand.Rand, raw []byte) []byte {
	fields := bytes.Split(bytes.TrimSuffix(raw, []byte("\r\n\r\n")), []byte("\r\n"))
	at := 1 + random.IntN(len(fields)-1)
	name, _, _ := bytes.Cut(fields[at], []byte(":"))
	value := make([]byte, 1+random.IntN(200))
	for i := range value {
		value[i] = byte(random.Uint32())
		if value[i] == '\n' || value[i] == '\r' {
			value[i] = 0
		}
	}
	fields[at] = append(append(bytes.Clone(name), ": "...), value...)
	return append(bytes.Join(fields, []byte("\r\n")), "\r\n\r\n"...)
}

// answer sends a request and returns the status of its answer, 0 if there is none.
func (n *node) answer(number int, raw []byte) int {
	c, err := n.dial(number)
	if err != nil {
		return 0
	}
	defer c.Close()
	if _, err := c.Write(raw); err != nil {
		return 0
	}
	return status(c)
}
