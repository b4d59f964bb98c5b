package load

// depart closes as RFC 6455 §7.1.2 has it, some connections a turn, and does not wait for ever.
func (f *fleet) stepClosing(now int64) (next int64) {
	for begun := 0; begun < closesPerTurn && f.nextToClose < len(f.connections); f.nextToClose++ {
		if f.connections[f.nextToClose].state == live {
			f.sendClose(f.nextToClose)
			begun++
		}
	}
	end := f.stageBegan + int64(closeTimeout)
	if f.sockets == 0 || now >= end {
		f.stage = finished
		return now
	}
	if f.nextToClose < len(f.connections) {
		return now
	}
	return end
}

func (f *fleet) sendClose(i int) {
	f.writeFrame(i, opClose, []byte{0x03, 0xE8}) // 1000
	if c := &f.connections[i]; c.state == live {
		c.state = closeSent
		f.open.Add(-1)
	}
}
