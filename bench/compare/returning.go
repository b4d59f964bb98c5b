package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// returning measures a storm of clients that were connected before. They resume from the position of their first connection.
// Their messages are sent while they are away if they resume, and after their handshakes otherwise.
func (p *process) returning(j job) (m measurement, err error) {
	position, err := p.first(j)
	if err != nil {
		return m, err
	}
	s, err := p.sender(j)
	if err != nil {
		return m, err
	}
	defer s.close()
	f, err := newFleet(p.addr, p.dialect)
	if err != nil {
		return m, err
	}
	defer f.close()
	if j.Resumes {
		f.resumeFrom(position, func(client int) int { return client })
		if err := p.sendAll(s, j); err != nil {
			return m, err
		}
	}
	t, arrived := newTally(), &arrivals{due: j}
	f.early = arrived
	return p.window(t, func() error {
		if err := f.connect(j.Connections, t.add); err != nil {
			return err
		}
		if !j.Resumes {
			if err := p.sendAll(s, j); err != nil {
				return err
			}
		}
		return f.finish(arrived)
	})
}

// first connects all clients once, closes the connections, and returns the position in the last welcome message, if they resume.
func (p *process) first(j job) (position string, err error) {
	f, err := newFleet(p.addr, p.dialect)
	if err != nil {
		return "", err
	}
	defer func() {
		f.close()
		<-time.After(settle)
	}()
	if j.Resumes {
		return f.position(j.Connections)
	}
	return "", f.connect(j.Connections, func(time.Duration) {})
}

// position opens connections that ask to resume, and returns the position in the last welcome message.
func (f *fleet) position(connections int) (position string, err error) {
	f.request = func(client int) ([]byte, error) { return f.dialect.resume(client, "") }
	f.answered = func(rest []byte) error {
		if position = positionIn(rest); position == "" {
			return fmt.Errorf("a handshake was answered without a welcome message: %.200q", rest)
		}
		return nil
	}
	err = f.connect(connections, func(time.Duration) {})
	return position, err
}

// resumeFrom has all further connections resume. connect fails if the server has not everything for one of them.
func (f *fleet) resumeFrom(position string, user func(client int) int) {
	f.request = func(client int) ([]byte, error) { return f.dialect.resume(user(client), position) }
	f.answered = func(rest []byte) error {
		if !bytes.Contains(rest, []byte(`"resumed":true`)) {
			return fmt.Errorf("a client could not resume: %.200q", rest)
		}
		return nil
	}
}

// positionIn returns the position in the frame of a welcome message, or "".
func positionIn(frame []byte) string {
	_, after, _ := bytes.Cut(frame, []byte(`"data":{"epoch":"`))
	epoch, after, _ := bytes.Cut(after, []byte(`"`))
	var broadcast, direct uint64
	if _, err := fmt.Sscanf(string(after), `,"broadcast":%d,"direct":%d,`, &broadcast, &direct); err != nil {
		return ""
	}
	return fmt.Sprintf("%s.%d.%d", epoch, broadcast, direct)
}

// sender connects one more user, which sends the messages.
func (p *process) sender(j job) (*fleet, error) {
	s, err := newFleet(p.addr, p.dialect)
	if err != nil {
		return nil, err
	}
	s.request = func(int) ([]byte, error) { return p.dialect.request(j.Connections) }
	return s, s.connect(1, func(time.Duration) {})
}

// sendAll sends the messages of a storm: the broadcasts, and a direct message to each client.
func (p *process) sendAll(s *fleet, j job) error {
	if j.Broadcasts == 0 {
		return nil
	}
	messages := slices.Repeat([][]byte{p.dialect.broadcast(0)}, j.Broadcasts)
	for client := range j.Connections {
		messages = append(messages, frame([]byte(envelope(directTag, userID(client).String(), chatLetters))))
	}
	w := &sending{messages: messages}
	if err := w.begin(s); err != nil {
		return err
	}
	return s.finish(w)
}

// sending sends messages, some at once, each time with a ping. The next ones follow its answer, so that the server has handled all
// at the end. It discards what else the sender receives, such as errors about users that are away.
type sending struct {
	messages [][]byte
	answered bool
}

func (w *sending) begin(f *fleet) error {
	n := min(sendAtOnce, len(w.messages))
	frames := append(bytes.Join(w.messages[:n], nil), pingMessage...)
	w.messages, w.answered = w.messages[n:], false
	return f.conns[0].send(frames, time.Now())
}

func (w *sending) received(_ *fleet, c *conn, _ time.Time) error {
	w.answered = w.answered || c.stream.tag == replyTag
	return nil
}

func (w *sending) afterReads(f *fleet) error {
	switch {
	case !w.answered:
		return nil
	case len(w.messages) == 0:
		return errDone
	}
	return w.begin(f)
}

// pingMessage is answered with its id.
var pingMessage = frame([]byte(strings.Replace(envelope(replyTag, "", 0), "text", "ping", 1)))

// arrivals counts the messages that the clients of a storm have received.
type arrivals struct {
	listening
	broadcasts, directs int
	due                 job
}

func (a *arrivals) received(_ *fleet, c *conn, _ time.Time) error {
	switch c.stream.tag {
	case firstTag:
		a.broadcasts++
	case directTag:
		a.directs++
	}
	return nil
}

func (a *arrivals) afterReads(*fleet) error {
	directs := 0
	if a.due.Broadcasts > 0 {
		directs = a.due.Connections
	}
	switch {
	case a.broadcasts > a.due.Broadcasts*a.due.Connections || a.directs > directs:
		return errDuplicate
	case a.broadcasts == a.due.Broadcasts*a.due.Connections && a.directs == directs:
		return errDone
	}
	return nil
}
