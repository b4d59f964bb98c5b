package server

import (
	"encoding/json"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/auth"
	"momentum/server/cluster"
	"momentum/server/directory"
	"momentum/server/host"
	"momentum/server/trace"
)

// Options configures a node. It has no defaults: the configuration has them.
type Options struct {
	Rules                  // the initial ones
	Reactors         int   // event loops
	MaxSockets       int   // sockets the descriptor limit has room for
	MaxHeldBytes     int64 // for clients that do not read, or do not finish their messages; 0: no limit
	AdmissionWorkers int   // goroutines that check tokens; 0 checks on the reactor (see also ByHand)
	Verifier         *auth.Verifier
	Directory        Directory // nil: every user in a valid token is active
	// Probe answers GET path if load balancers and supervisors use that path to check the node's health; otherwise it
	// returns status 0. It is called on the reactors and must not block. It may be nil.
	Probe func(path []byte) (status int, body []byte)
	// HandOff takes over a plain HTTP connection and calls closed once after it has closed. Or it closes fd, returns
	// false and never calls closed. If proxied is set, the connection's client is not its socket's peer.
	HandOff func(fd int, arrived []byte, proxied bool, closed func()) bool
	Log     *slog.Logger
	NetLog  *slog.Logger
	// LogDropped returns how many log lines were dropped since the start. nil means that none ever are.
	LogDropped func() uint64
	// Processor returns the processor time of the process so far. nil means that the cost of a handshake is not measured.
	Processor func() time.Duration
	// Thread returns the thread that it is called on, and that thread's processor time so far. nil means that the processor time of
	// reactors is not measured.
	Thread func() (id int, used time.Duration)
	// Health returns the answer to /readyz, as JSON. It may be nil.
	Health func() json.RawMessage
	// MaxViewers and MaxPublicViewers limit the streams of GET /ws/stream on the admin port, and on the WebSocket port.
	MaxViewers, MaxPublicViewers int
	// Host returns how near the node is to the limits of its host. nil means that it is not watched.
	Host    func() host.Figures
	Now     func() time.Time
	NewID   func() uuid.UUID
	Seed    uint64 // of jitter, of the epoch and of the topics' hashes; random, or a test repeats a run
	History History
	// Connect joins the node to a cluster: it returns the bus, which calls the node. nil: the node is alone.
	Connect func(n cluster.Node) (cluster.Bus, error)
	Self    Self
	// MaxSubscriptions limits the subscriptions to topics; 0: no limit.
	MaxSubscriptions int
	Outbound         netpoll.Outbound
	// Traces takes the traces of admissions. nil: none are made.
	Traces trace.Sink
}

// Self is how the node is named to the other nodes of its cluster and to administrators.
type Self struct {
	Name    string
	Address string // of the WebSocket endpoint
	Version string
}

// History says which messages the node keeps for clients that come back. If one of the first three is 0, it keeps none.
type History struct {
	Messages int           // of a user's channel or a topic's; the broadcast keeps broadcastMessages times as many
	Bytes    int           // likewise; the broadcast keeps broadcastBytes times as many
	Age      time.Duration // of a message
	Room     int           // bytes for all direct messages together, and as much for all topics
}

// Directory knows which users exist, and which of them may connect. It is safe for concurrent use. Reactors call it,
// so neither method blocks.
type Directory interface {
	// Recall returns the user as it is cached, and whether the cached answer may still be used.
	Recall(id uuid.UUID) (u directory.User, fresh bool)
	// Ask has the directory answer by the given time at the latest.
	Ask(id uuid.UUID, by time.Time, to directory.Asker)
}
