package load

// state is how far a connection has come.
type state uint8

const (
	waiting    state = iota // not begun, or waiting to try again
	connecting              // the request is not written yet
	requested               // the answer is not there yet
	live
	closeSent     // our close frame is on its way (RFC 6455 §7.1.2)
	closeReceived // the server's close frame has come, and was answered
	gone          // it will not come back
)

// connection is one client. While it is idle it has no memory but this.
type connection struct {
	fd         int32 // -1: none
	generation int32 // tells events of this socket from those of the ones before
	state      state
	attempts   uint8
	sent       uint32 // messages; the number of the next
	due        int64  // when it first wanted in. Times are nanoseconds since the run began
	started    int64  // what the latency of this handshake counts from
	out        []byte // what the socket has not taken yet
	reader     reader
}

// waiting is a moment at which something is due for a connection.
type deadline struct {
	at         int64
	index      int
	generation int32
}

// retries is a heap of connections that were told to come back later, the earliest first.
type retries []deadline

// Len, Less, Swap, Push and Pop are container/heap's.
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
