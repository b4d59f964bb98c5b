package server

import (
	"strconv"

	"momentum/protocol"
)

// topicList builds the data of a subscribed or unsubscribed message: an object for each topic.
type topicList struct{ data []byte }

const topicListBegin = `{"topics":[`

func (l *topicList) begin() { l.data = append(l.data[:0], topicListBegin...) }

func (l *topicList) empty() bool { return len(l.data) == len(topicListBegin) }

// end ends the list and returns it. It is valid until the next one begins.
func (l *topicList) end() []byte { return append(l.data, `]}`...) }

// open adds the beginning of a topic's object.
func (l *topicList) open(topic string) {
	if !l.empty() {
		l.data = append(l.data, ',')
	}
	l.data = protocol.AppendString(append(l.data, `{"topic":`...), topic)
}

// name adds a topic without more.
func (l *topicList) name(topic string) {
	l.open(topic)
	l.data = append(l.data, '}')
}

// refuse adds a topic with an error code.
func (l *topicList) refuse(topic, code string) {
	l.open(topic)
	l.data = append(append(append(l.data, `,"error":"`...), code...), `"}`...)
}

// add adds a topic that the session is subscribed to, with the number from which it gets messages, and with the outcome if
// it has asked to resume.
func (l *topicList) add(topic string, seq uint64, epoch string, p *position, missed int) {
	l.open(topic)
	l.data = strconv.AppendUint(append(l.data, `,"seq":`...), seq, 10)
	l.data = append(append(append(l.data, `,"epoch":"`...), epoch...), '"')
	if p.asked {
		l.data = p.appendTo(l.data, missed)
	}
	l.data = append(l.data, '}')
}
