package main

import (
	"bytes"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// asksAtOnce is how many requests are under way at once.
const asksAtOnce = 64

// plainGet is a request without an upgrade. Like a refused handshake, its connection ends with the answer.
const plainGet = "GET /ws HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n"

// malformed is a token that every check refuses for the same reason, after it has been read.
const malformed = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl"

// asked returns a job's request, and how its answer begins.
func (j job) asked() (text []byte, answer string, err error) {
	switch {
	case j.Ask == askHandshake:
		return fmt.Appendf(nil, request, "/ws", "Authorization: Bearer "+malformed+"\r\n"), "HTTP/1.1 401 ", nil
	case j.Ask == askRefused:
		return fmt.Appendf(nil, plainGet, malformed), "HTTP/1.1 401 ", nil
	}
	handshake, err := userRequest(0)
	_, after, _ := bytes.Cut(handshake, []byte("Bearer "))
	token, _, _ := bytes.Cut(after, []byte("\r\n"))
	return fmt.Appendf(nil, plainGet, token), "HTTP/1.1 204 ", err
}

// inquiries measures answers that open nothing, each on a connection of its own.
func (p *process) inquiries(j job, window time.Duration) (m measurement, err error) {
	text, answer, err := j.asked()
	if err != nil {
		return m, err
	}
	t, to := newTally(), unix.SockaddrInet4{Port: int(p.addr.Port()), Addr: p.addr.Addr().As4()}
	ask := func(time time.Duration) error { return askFor(time, &to, text, answer, t.add) }
	if err := ask(warmUp); err != nil {
		return m, err
	}
	t.clear()
	return p.window(t, func() error { return ask(window) })
}

// askFor sends a request again and again, on many connections at once, and calls done with the time of each answer from its SYN.
func askFor(window time.Duration, to unix.Sockaddr, text []byte, answer string, done func(time.Duration)) error {
	sockets, begun := make([]int, asksAtOnce), make([]time.Time, asksAtOnce)
	for end := time.Now().Add(window); time.Now().Before(end); {
		for i := range sockets {
			begun[i] = time.Now()
			if err := askOnce(&sockets[i], to, text); err != nil {
				return err
			}
		}
		for i, fd := range sockets {
			if err := readAll(fd, answer); err != nil {
				return err
			}
			done(time.Since(begun[i]))
		}
	}
	return nil
}

func askOnce(fd *int, to unix.Sockaddr, text []byte) (err error) {
	if *fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return fmt.Errorf("cannot open a socket: %w", err)
	}
	if err := unix.Connect(*fd, to); err != nil {
		return fmt.Errorf("cannot connect: %w", err)
	}
	_, err = write(*fd, text)
	return err
}

// readAll reads an answer up to the end of the connection, and resets it, so that no port stays in TIME_WAIT.
func readAll(fd int, answer string) error {
	defer reset(fd)
	var got []byte
	piece := make([]byte, 1<<10)
	for {
		n, err := read(fd, piece)
		if err != nil {
			return fmt.Errorf("cannot read: %w", err)
		}
		if n == 0 {
			break
		}
		got = append(got, piece[:n]...)
	}
	if !bytes.HasPrefix(got, []byte(answer)) {
		return fmt.Errorf("unexpected answer: %q", got)
	}
	return nil
}
