package load

// depart closes as RFC 6455 §7.1.2 has it, some connections a turn, and does not wait for ever.
func (f *fleet) depart(now int64) (next int64) {
	for begun := 0; begun < closesPerTurn && f.leaver < len(f.connections); f.leaver++ {
		if f.connections[f.leaver].state == live {
			f.sayGoodbye(f.leaver)
			begun++
		}
	}
	end := f.since + int64(leaveMost)
	if f.sockets == 0 || now >= end {
		f.phase = finished
		return now
	}
	if f.leaver < len(f.connections) {
		return now
	}
	return end
}

func (f *fleet) sayGoodbye(i int) {
	f.write(i, opClose, []byte{0x03, 0xE8}) // 1000
	if c := &f.connections[i]; c.state == live {
		c.state = leaving
		f.open.Add(-1)
	}
}
