package siege

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// sources is the number of addresses that attackers use: each has only some 28,000 ports.
const sources = 8

// dial opens a raw socket. The number selects the source address.
func (n *node) dial(number int) (net.Conn, error) {
	d := net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+number%sources))}}
	return d.Dial("tcp", n.ws)
}

func request(token string) []byte {
	return []byte("GET /ws HTTP/1.1\r\nHost: node\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer " + token + "\r\n\r\n")
}

// frame encodes a client's frame, masked with zeros.
func frame(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0xfe), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0xff), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// enter opens a connection with a token. It reads the 101 and not a byte after it.
func (n *node) enter(number int, token string) (net.Conn, error) {
	c, err := n.dial(number)
	if err != nil {
		return nil, err
	}
	if _, err = c.Write(request(token)); err == nil {
		err = admitted(c)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// admitted reads the answer to a handshake, which must be a 101.
func admitted(c net.Conn) error {
	var head []byte
	one := make([]byte, 1)
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		if _, err := c.Read(one); err != nil {
			return err
		}
		head = append(head, one[0])
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		return errors.New(string(head))
	}
	return nil
}

// crowd opens a number of sockets, 16 at a time.
func crowd(t *testing.T, size int, open func(number int) (net.Conn, error)) []net.Conn {
	t.Helper()
	all := make([]net.Conn, size)
	side(size, 16, func(i int) {
		c, err := open(i)
		if err != nil {
			t.Errorf("attacker %d: %v", i, err)
			return
		}
		all[i] = c
	})
	if t.Failed() {
		t.FailNow()
	}
	t.Cleanup(func() { disperse(all) })
	return all
}

func disperse(all []net.Conn) {
	for _, c := range all {
		c.Close()
	}
}

// members opens connections of different users.
func (n *node) members(t *testing.T, name string, size int) []net.Conn {
	t.Helper()
	return crowd(t, size, func(i int) (net.Conn, error) { return n.enter(i, token(t, fmt.Sprintf("%s%d", name, i))) })
}

// side calls do with each number below n, with a number of calls at once.
func side(n, atOnce int, do func(int)) {
	numbers := make(chan int)
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for i := range numbers {
				do(i)
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	all.Wait()
}

// trickle sends each socket's bytes, one a second, for a number of seconds. It ignores sockets that are closed.
func trickle(all []net.Conn, seconds int, bytes func(number int) []byte) {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for second := range seconds {
		for i, c := range all {
			if b := bytes(i); second < len(b) {
				_, _ = c.Write(b[second : second+1])
			}
		}
		<-every.C
	}
}

// status reads an HTTP answer and returns its status, 0 if there is none.
func status(c net.Conn) int {
	_ = c.SetReadDeadline(time.Now().Add(patience))
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// closeCode reads to the end of the connection and returns the code of its close frame, 0 if there is none. The server's close
// frame is at most 125 bytes long and comes last.
func closeCode(c net.Conn) int {
	_ = c.SetReadDeadline(time.Now().Add(patience))
	return lastCode(c)
}

// lastCode is closeCode with the read deadline that the socket has.
func lastCode(c net.Conn) int {
	var tail []byte
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.Read(buffer)
		tail = append(tail, buffer[:n]...)
		tail = tail[max(0, len(tail)-127):]
		if err != nil {
			break
		}
	}
	for i := range tail {
		if tail[i] == 0x88 && i+3 < len(tail) && int(tail[i+1]) == len(tail)-i-2 {
			return int(binary.BigEndian.Uint16(tail[i+2:]))
		}
	}
	return 0
}

// drain reads and discards until the connection ends.
func drain(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
