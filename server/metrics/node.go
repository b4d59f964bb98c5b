package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"momentum/server"
	"momentum/server/reason"
	"momentum/server/storm"
	"momentum/server/view"
)

var (
	buildInfo = gauge("build_info", "1, with the build's version and commit.", "version")

	connections    = gauge("connections", "Live connections: users' sessions.")
	connectionsMax = gauge("connections_max", "Highest number of live connections (WS_MAX_CONNECTIONS).")
	users          = gauge("users", "Users online.")
	sockets        = gauge("sockets", "Open sockets, including handshakes and closes under way.")
	socketsMax     = gauge("sockets_max", "Sockets that the descriptor limit has room for.")
	accepted       = counter("connections_accepted", "Connections accepted.")
	turnedAway     = counter("connections_turned_away", "Connections above the descriptor limit, refused with 503.")
	handedOver     = counter("http_handed_over", "Plain HTTP connections on the WebSocket port, given to the sidecar.")
	probes         = counter("http_probes", "Health probes (GET /livez, /readyz) answered on the WebSocket port.")
	inquiries      = counter("http_inquiries", "Plain GET requests for /ws, by the refusal that a handshake would get; none: it would be admitted.", "refusal")
	preflights     = counter("http_preflights", "Requests of browsers (OPTIONS /ws) before an inquiry.")

	admitted      = counter("handshakes_admitted", "Handshakes answered with 101.")
	refused       = counter("handshakes_refused", "Handshakes answered with an HTTP error.", "reason")
	abandoned     = counter("handshakes_abandoned", "Handshakes that the client gave up.")
	revocations   = gauge("revocations", "Revocations and bans in force on this node.")
	handshakeTime = histogram("handshake", "From the accept to the 101, of admitted handshakes. Without the time in the kernel's accept queue.")

	returned      = counter("handshakes_returning", "Of the admitted handshakes, those of clients that were admitted not long before. Only with WS_HANDSHAKE_RATE.")
	stormState    = gauge("storm_state", "1 for the state of handshakes, 0 for the others.", "state")
	arrivals      = gauge("storm_arrivals_per_second", "Handshakes decided or given up in the last second.")
	stormOver     = gauge("storm_over_in_seconds", "When the clients that are expected back will be: 0 if none is, -1 while nobody is admitted.")
	missing       = gauge("storm_missing_clients", "Clients that are expected back: connected before the storm, or refused in it.")
	everybody     = gauge("storm_everybody_back_seconds", "How long a storm of all clients would take, by the cost of a handshake, the cores and WS_HANDSHAKE_RATE.")
	handshakeCost = gauge("storm_handshake_cpu_seconds", "Processor time of a handshake, as measured in seconds with many; a guess before the first.")

	messagesIn  = counter("messages_received", "Messages from clients, including refused ones.")
	bytesIn     = counter("received_bytes", "Bytes read from sockets.")
	bytesOut    = counter("sent_bytes", "Bytes written to sockets.")
	deliveries  = counter("deliveries", "Messages queued for a session: one to a thousand sessions counts a thousand.")
	replies     = counter("replies", "Answers to the client's own messages: pong, error, ack or who.", "type")
	rateLimited = counter("messages_rate_limited", "Messages above WS_RATE_LIMIT_PER_SECOND, refused.")
	overloaded  = counter("messages_overloaded", "Messages that were refused because the node had too much to send.")
	refreshes   = counter("token_refreshes", "Tokens that took the place of a connection's old one.")
	fanOutTime  = histogram("fanout", "From the post of a message for many, a broadcast or one of a topic, to its last send on a reactor. Sampled: one round for each tick and reactor, and each round longer than a tick.")
	fanOutBytes = gauge("fanout_waiting_bytes", "Bytes of messages for many that wait for their round.", "reactor")

	resumes    = counter("resumes", "Handshakes that asked to resume, by outcome: resumed, or the reason why not.", "outcome")
	replayed   = counter("messages_replayed", "Missed messages of clients that resumed: posted to the client. If a subscription ends before they are sent, they are not.")
	history    = gauge("history_bytes", "Memory of the messages that are kept for clients that come back.", "channel")
	historyMax = gauge("history_bytes_max", "Its limit.", "channel")
	gaps       = counter("replay_gaps", "Gaps told to clients because the history dropped messages that their replay still needed.")
	subscribed = gauge("subscriptions", "Subscriptions to topics, of all connections.")
	roomFor    = gauge("subscriptions_max", "Their limit, which topics with presence reach sooner; 0: there is none.")
	requests   = counter("topic_requests", "Topics that clients asked for, or that their token joins, by outcome: new or resumed, why it was not resumed, or the error.", "outcome")

	closes      = counter("closes", "Sessions that ended, by reason and close code. 1006: without a close frame.", "reason", "code")
	slow        = counter("slow_consumers", "Sessions closed because the client did not read its messages.")
	behind      = gauge("connections_backlogged", "Connections with bytes queued in user space, because the client is slow.")
	queued      = gauge("outbound_queued_bytes", "Bytes queued in user space for slow clients.")
	unfinished  = gauge("unfinished_bytes", "Bytes kept of requests and messages that are incomplete, or wait for the end of a replay.")
	pingTime    = histogram("ping", "From a heartbeat ping to its pong.")
	lag         = histogram("reactor_lag", "How late a reactor's turn comes after the ticker asked for it, ten times a second.", "reactor")
	logDropped  = counter("log_lines_dropped", "Log lines that the reader of the log did not take.")
	viewers     = gauge("viewers", "Streams of GET /ws/stream.")
	viewersMax  = gauge("viewers_max", "Their limit, on both ports together.")
	viewersGone = counter("viewers_refused", "Streams refused because there were as many as may be on the port.")
	viewersCut  = counter("viewers_cut", "Streams ended because the viewer did not read.")
	viewsUnsent = counter("views_skipped", "Views that slow viewers did not get.")
	draining    = gauge("draining", "1 since the start of a drain.")
	drainRemain = gauge("drain_remaining", "Connections that a drain has not ended yet; 0 without a drain.")
)

// node collects the counters of one server. Its empty Describe makes it an unchecked collector, since its series are
// known only at a scrape.
type node struct {
	server  *server.Server
	version string
}

// Describe sends nothing: the collector is unchecked.
func (n node) Describe(chan<- *prometheus.Desc) {}

// Collect sends the sums of the reactors' counters.
func (n node) Collect(ch chan<- prometheus.Metric) {
	f, s := n.server.Figures(), sink(ch)
	number(s, buildInfo, 1, n.version)
	n.collectConnections(s, &f)
	n.collectMessages(s, &f)
	for _, c := range f.Closes {
		number(s, closes, c.Count, c.Reason, c.Code)
	}
	number(s, slow, f.Closed[reason.ClosedSlow.String()])
	number(s, behind, f.Behind)
	number(s, queued, f.BytesQueued)
	number(s, unfinished, f.BytesUnfinished)
	s.durations(pingTime, f.Ping)
	for reactor := range f.Lag {
		name := strconv.Itoa(reactor)
		s.durations(lag, f.Lag[reactor], name)
		number(s, fanOutBytes, f.Waiting[reactor], name)
	}
	collectStorm(s, &f)
	collectHost(s, f.Host)
	relayed(s, f.Cluster)
	collectViewers(s, f.Viewers)
	number(s, logDropped, f.LogLinesDropped)
	number(s, draining, truth(f.Draining))
	remaining := 0
	if f.Drain != nil {
		remaining = f.Drain.Remaining
	}
	number(s, drainRemain, remaining)
}

func collectViewers(s sink, v view.Viewers) {
	number(s, viewers, v.Now)
	number(s, viewersMax, v.Limit)
	number(s, viewersGone, v.Refused)
	number(s, viewersCut, v.Cut)
	number(s, viewsUnsent, v.Skipped)
}

func collectStorm(s sink, f *server.Figures) {
	for _, state := range storm.States {
		number(s, stormState, truth(f.Storm.State == state), string(state))
	}
	over := -1.0
	if f.Storm.Over != nil {
		over = *f.Storm.Over
	}
	number(s, returned, f.Returned)
	number(s, arrivals, f.Storm.Arrivals)
	number(s, stormOver, over)
	number(s, missing, f.Storm.Missing)
	number(s, everybody, f.Storm.Everybody)
	number(s, handshakeCost, f.Storm.Cost)
}

func (n node) collectConnections(s sink, f *server.Figures) {
	number(s, connections, f.TotalConnections)
	number(s, connectionsMax, f.MaxConnections)
	number(s, users, f.UniqueUsers)
	number(s, sockets, f.Sockets)
	number(s, socketsMax, f.Slots)
	number(s, accepted, f.Accepted)
	number(s, turnedAway, f.TurnedAway)
	number(s, handedOver, f.HandedOff)
	number(s, probes, f.Probes)
	number(s, preflights, f.Preflights)
	for _, r := range f.Asked {
		number(s, inquiries, r.Count, r.Reason)
	}
	number(s, admitted, f.Admitted)
	for _, r := range f.Refusals {
		number(s, refused, r.Count, r.Reason)
	}
	number(s, revocations, f.Revocations)
	number(s, abandoned, f.Closed[reason.ClosedEarly.String()])
	s.durations(handshakeTime, f.Handshake)
}

func (n node) collectMessages(s sink, f *server.Figures) {
	number(s, messagesIn, f.MessagesIn)
	number(s, bytesIn, f.BytesIn)
	number(s, bytesOut, f.BytesOut)
	number(s, deliveries, f.Deliveries)
	number(s, replies, f.Errors, "error")
	number(s, replies, f.Pongs, "pong")
	number(s, replies, f.Acks, "ack")
	number(s, replies, f.Listings, "who")
	number(s, rateLimited, f.RateLimited)
	number(s, overloaded, f.Overloaded)
	number(s, refreshes, f.Refreshed)
	s.durations(fanOutTime, f.FanOut)
	for outcome, count := range f.Resumes {
		number(s, resumes, count, outcome)
	}
	number(s, replayed, f.Replayed)
	for channel, kept := range f.History {
		number(s, history, kept.Bytes, channel)
		number(s, historyMax, kept.Limit, channel)
	}
	number(s, gaps, f.Gaps)
	number(s, subscribed, f.Topics)
	number(s, roomFor, f.Limit)
	for outcome, count := range f.Requests {
		number(s, requests, count, outcome)
	}
}
