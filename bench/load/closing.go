package load

// stepClosing starts the closing handshake of some connections in each turn (RFC 6455 §7.1.2), and ends the test when
// all are closed or closeTimeout is over.
func (f *fleet) stepClosing(now int64) (next int64) {
	for started := 0; started < closesPerTurn && f.nextToClose < len(f.connections); f.nextToClose++ {
		if f.connections[f.nextToClose].state == live {
			f.sendClose(f.nextToClose)
			started++
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

// sendClose starts the closing handshake of a connection.
func (f *fleet) sendClose(i int) {
	f.writeFrame(i, opClose, []byte{closeNormal >> 8, closeNormal & 0xFF})
	if c := &f.connections[i]; c.state == live {
		c.state = closeSent
		f.open.Add(-1)
	}
}
