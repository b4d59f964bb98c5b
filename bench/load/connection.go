package load

// state is how far a connection has come.
type state uint8

const (
	waiting       state = iota // no socket: not started yet, or waiting for a retry
	connecting                 // the TCP connection is not established, or the request is not written yet
	requested                  // the answer has not arrived completely
	live                       // admitted
	closeSent                  // our close frame has been sent (RFC 6455 §7.1.2)
	closeReceived              // the server's close frame has arrived, and ours has been sent
	gone                       // closed, and not tried again
)

// connection is one client. An idle one uses no other memory.
type connection struct {
	fd         int32 // -1: none
	generation int32 // number of the socket: events of an earlier one are ignored
	state      state
	attempts   uint8  // handshakes started
	sent       uint32 // messages sent, and the number of the next
	due        int64  // when the client arrived. Times are nanoseconds since the run began
	started    int64  // when the latency of this handshake begins
	out        []byte // bytes that the socket has not taken yet
	reader     reader
}

// deadline is a time at which something is due for a connection.
type deadline struct {
	at         int64
	index      int
	generation int32
}

// retries is a heap of connections that wait for another attempt, the earliest first.
type retries []deadline

// Len, Less, Swap, Push and Pop implement container/heap.
func (r retries) Len() int           { return len(r) }
func (r retries) Less(i, j int) bool { return r[i].at < r[j].at }
func (r retries) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }

// Push adds the last element.
func (r *retries) Push(x any) { *r = append(*r, x.(deadline)) }

// Pop removes the last element.
func (r *retries) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}
