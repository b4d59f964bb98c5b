package redis

import (
	"crypto/sha256"
	"strconv"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// mode says whether a call may have been executed already.
type mode string

const (
	fresh mode = ""      // it was never sent
	check mode = "check" // execute it, unless it was
	look  mode = "look"  // return its answer if it was executed; do not execute it any more
)

// encoder makes the arguments of calls. All texts share its memory, which must not be used again before they are sent.
type encoder struct {
	names   *names
	history [5]string // the age in seconds and the limits, as the script takes them
	node    string    // the name of the node in keys
	memory  []byte
	keys    []string
	args    []string
}

func newEncoder(h History, node string) *encoder {
	e := &encoder{node: node}
	for i, n := range []int{int(h.Age.Seconds()), h.Messages, h.Bytes, h.BroadcastMessages, h.BroadcastBytes} {
		e.history[i] = strconv.Itoa(n)
	}
	return e
}

// reset forgets all texts. Reuse is whether their memory may be used again.
func (e *encoder) reset(n *names, reuse bool) {
	e.names = n
	if !reuse {
		e.memory, e.keys, e.args = nil, nil, nil
	}
	e.memory, e.keys, e.args = e.memory[:0], e.keys[:0], e.args[:0]
}

// text returns what was appended to the memory since start.
func (e *encoder) text(start int) string { return textOf(e.memory[start:]) }

// begin appends the keys and arguments that precede the operations.
func (e *encoder) begin(ep *epoch, partition int, record, number string, m mode, replica string) {
	e.keys = append(e.keys, ep.key, e.key(partition, record))
	e.args = append(e.args, ep.value, number, string(m), replica)
	e.args = append(e.args, e.history[:]...)
}

func (e *encoder) key(partition int, text string) string {
	start := len(e.memory)
	e.memory = e.names.appendKey(e.memory, partition, text)
	return e.text(start)
}

func (e *encoder) part(c cluster.Channel, which part) string {
	start := len(e.memory)
	e.memory = e.names.appendPart(e.memory, c, which)
	return e.text(start)
}

// call appends the keys and arguments of a call.
func (e *encoder) call(c *call, ep *epoch, m mode) (keys, args []string) {
	k, a := len(e.keys), len(e.args)
	e.begin(ep, c.partition, "w:"+e.node+":"+strconv.Itoa(c.slot), strconv.FormatUint(c.number, 10), m, "")
	for i := range c.operations {
		e.operation(&c.operations[i], c.partition, ep)
	}
	return e.keys[k:], e.args[a:]
}

func (e *encoder) operation(o *operation, partition int, ep *epoch) {
	to := o.channel()
	e.keys = append(e.keys, e.part(to, counter), e.part(to, list), e.part(to, pubsub))
	kind := byte('d')
	if to.Kind == cluster.Broadcast {
		kind = 'b'
	}
	start := len(e.memory)
	if _, id := o.once(); id != nil {
		key, name := e.receipt(o, partition)
		e.keys = append(e.keys, key)
		start = len(e.memory)
		e.memory = append(append(e.memory, kind-'a'+'A'), name...)
	} else {
		e.memory = strconv.AppendInt(append(e.memory, kind), int64(len(o.messages)), 10)
	}
	specification := e.text(start)
	start = len(e.memory)
	e.memory = appendBundle(e.memory, ep.id, o.messages)
	e.args = append(e.args, specification, e.text(start))
}

// receiptKeys is how many keys have the receipts of a sender: Redis reads all of one for a message.
const receiptKeys = 16

// receipt returns the key that has the receipt of a message that is published once, and the receipt's name there. The key is one of its
// sender's, or, of an administrator's message, of its channel. The name is a hash, which keeps ids short, and channels apart.
func (e *encoder) receipt(o *operation, partition int) (key, name string) {
	sender, id := o.once()
	channel := e.part(o.channel(), pubsub)
	h := sha256.New()
	h.Write(sender[:])
	h.Write([]byte(channel))
	h.Write([]byte{0})
	h.Write(id)
	sum := h.Sum(nil)
	if sender == uuid.Nil {
		of := sha256.Sum256([]byte(channel))
		sender = uuid.UUID(of[:16])
	}
	start := len(e.memory)
	e.memory = e.names.appendKey(e.memory, partition, "i:")
	e.memory = encoding.AppendEncode(e.memory, sender[:])
	e.memory = append(e.memory, 'a'+sum[12]%receiptKeys)
	return e.text(start), encoding.EncodeToString(sum[:12])
}

// canary appends the keys and arguments of a call with a canary.
func (e *encoder) canary(partition int, channel string, number string, ep *epoch) (keys, args []string) {
	k, a := len(e.keys), len(e.args)
	e.begin(ep, partition, "w:"+e.node, "0", fresh, ep.replica)
	name := e.key(partition, "ns:"+e.node)
	e.keys = append(e.keys, name, name, channel)
	e.args = append(e.args, "n1", number)
	return e.keys[k:], e.args[a:]
}
