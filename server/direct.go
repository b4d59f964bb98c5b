package server

import "momentum/netpoll"

// directBatch gathers messages for one session that were posted one behind the other, so that they are
// written together.
type directBatch struct {
	to  netpoll.Handle
	out []byte
}

// deliver adds a frame for one session, behind everything its sender has said to all before.
func (sh *shard) deliver(to netpoll.Handle, frame []byte) {
	if sh.direct.to != to {
		sh.flushDirect()
	}
	s := sh.live(to)
	if s == nil {
		return // it left while the message was on its way
	}
	var sent fanoutCount
	sh.direct.to = to
	sh.direct.out = sh.fanout.catchUp(s, sh.direct.out, &sent)
	sh.direct.out = sendLong(s, append(sh.direct.out, frame...))
	sh.count.deliveries.Add(sent.messages + 1)
}

// flushDirect writes what has been gathered.
func (sh *shard) flushDirect() {
	if len(sh.direct.out) > 0 {
		if s := sh.live(sh.direct.to); s != nil {
			s.conn.Send(sh.direct.out)
		}
	}
	sh.direct.to = 0
	sh.direct.out = trim(sh.direct.out)
}
