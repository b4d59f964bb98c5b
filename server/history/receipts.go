package history

import (
	"encoding/binary"
	"hash/maphash"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Receipt says what became of a message.
type Receipt struct {
	Seq         uint64 // its number; 0 if it was given none
	Connections uint32 // for which it was posted; filled for an administrator's message
	Online      bool   // it was posted to at least one connection
	Stored      bool   // its channel keeps it
}

// Receipts remembers the receipts of acknowledged messages, so that a message that is sent again is not delivered again. It
// keeps the last ones of each sender, each for at least the age. If all senders together have more than the room, all are
// kept for less. Any goroutine may call it.
type Receipts struct {
	age    time.Duration
	room   int // bytes under one lock
	seed   maphash.Seed
	shards [receiptShards]receiptShard
}

// receiptShards is the number of locks. A lock is held during a publish, so that a message which arrives twice at once is
// published once.
const receiptShards = 64

// receiptShard has the receipts of some senders in two generations. The older one is forgotten when the recent one has
// reached the age, or is full.
type receiptShard struct {
	sync.Mutex
	recent, older map[uuid.UUID]*sent
	bytes         int           // of recent
	since         time.Duration // when recent was begun
}

// sent is a circular list of a sender's last receipts.
type sent struct {
	list []numbered
	next int // index of the oldest one, once the list is full
}

type numbered struct {
	id uint64 // a keyed hash of the message's id
	Receipt
}

// The approximate memory of a receipt, with its list's room for growth, and of a sender.
const (
	receiptBytes = 40
	senderBytes  = 80
)

// NewReceipts makes an empty set that keeps receipts for the age, within room bytes.
func NewReceipts(age time.Duration, room int) *Receipts {
	return &Receipts{age: age, room: room / receiptShards, seed: maphash.MakeSeed()}
}

// Once returns the receipt of the sender's message with that id if it is remembered. Otherwise it calls publish, and remembers
// the receipt as one of the sender's last ones, unless there is an error or the message was given no number.
func (r *Receipts) Once(sender uuid.UUID, id []byte, last int, now time.Duration, publish func() (Receipt, error)) (Receipt, error) {
	s := &r.shards[shardOf(sender)]
	key := maphash.Bytes(r.seed, id)
	s.Lock()
	defer s.Unlock()
	s.turn(now, r.age, r.room)
	for _, generation := range [...]map[uuid.UUID]*sent{s.recent, s.older} {
		if known, ok := generation[sender].find(key); ok {
			return known, nil
		}
	}
	receipt, err := publish()
	if err == nil && receipt.Seq > 0 && r.age > 0 && last > 0 { // one without a number was dropped
		s.add(sender, numbered{key, receipt}, last)
	}
	return receipt, err
}

// shardOf spreads senders by all bytes of their ids, without a key: ids come from tokens, and a simulation must find the same
// generations again.
func shardOf(sender uuid.UUID) uint64 {
	mixed := (binary.BigEndian.Uint64(sender[:8]) ^ binary.BigEndian.Uint64(sender[8:])) * 0x9e3779b97f4a7c15
	return mixed >> 32 * receiptShards >> 32
}

// turn begins a new generation when it is time.
func (s *receiptShard) turn(now, age time.Duration, room int) {
	if s.recent != nil && now-s.since < age && s.bytes < room/2 {
		return
	}
	if now-s.since >= 2*age {
		s.recent = nil
	}
	s.older, s.recent, s.bytes, s.since = s.recent, make(map[uuid.UUID]*sent), 0, now
}

func (s *receiptShard) add(sender uuid.UUID, n numbered, last int) {
	list := s.recent[sender]
	if list == nil {
		list = new(sent)
		s.recent[sender] = list
		s.bytes += senderBytes
	}
	if len(list.list) < last {
		list.list = append(list.list, n)
		s.bytes += receiptBytes
		return
	}
	list.list[list.next] = n
	list.next = (list.next + 1) % last
}

func (s *sent) find(id uint64) (Receipt, bool) {
	if s != nil {
		for i := range s.list {
			if s.list[i].id == id {
				return s.list[i].Receipt, true
			}
		}
	}
	return Receipt{}, false
}
