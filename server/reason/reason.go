// Package reason is the closed list of why handshakes are refused and sessions end.
package reason

import "momentum/protocol"

// Reason says why a handshake was refused or a session ended. It is the one list from which the close frame,
// the HTTP status, the log field and the metric label are taken.
type Reason uint8

// The reasons, refusals first.
const (
	None                    Reason = iota
	RefusedRequest                 // the request is not a valid upgrade
	RefusedPath                    // an upgrade on a path that is no endpoint
	RefusedOrigin                  // a page of another site had a browser connect
	RefusedToken                   // no valid token
	RefusedRevoked                 // the token was taken back
	RefusedBanned                  // the administrator has banned the user for a time
	RefusedUnknown                 // the directory does not have the user
	RefusedInactive                // the directory says that the user may not connect
	RefusedDirectory               // the directory could not be asked
	RefusedFull                    // WS_MAX_CONNECTIONS is reached
	RefusedUser                    // WS_MAX_CONNECTIONS_PER_USER is reached
	RefusedAddress                 // WS_MAX_CONNECTIONS_PER_IP is reached
	RefusedBusy                    // too many handshakes are waiting
	RefusedDraining                // the node is going away
	RefusedHandshakeTimeout        // the request or its check took too long
	RefusedEarly                   // more frames came before the 101 than are kept
	RefusedMemory                  // handshakes and clients hold too much, and this one the most
	RefusedHTTPFull                // a plain HTTP request, and too many of them at once
	ClosedByPeer                   // the client sent a close frame
	ClosedGone                     // the socket closed without one
	ClosedProtocol                 // the client broke RFC 6455
	ClosedHeartbeat                // no answer to a ping
	ClosedIdle                     // no frame for WS_CONNECTION_TIMEOUT
	ClosedSlow                     // the client did not read its messages
	ClosedMemory                   // clients that do not read or finish hold too much, and this one the most
	ClosedRate                     // too many messages for too long
	ClosedFlood                    // too many frames that are no message
	ClosedDrain                    // the node is going away
	ClosedExpired                  // its token has expired
	ClosedRevoked                  // its token was taken back
	ClosedInactive                 // the user may no longer connect
	ClosedDisconnected             // the administrator has closed it
	ClosedEarly                    // gave up during the handshake
	Count
)

// Close codes of our own, from the range RFC 6455 §7.4.2 leaves to applications.
const (
	expired      protocol.StatusCode = 4001
	revoked      protocol.StatusCode = 4002
	inactive     protocol.StatusCode = 4003
	disconnected protocol.StatusCode = 4004
)

// reasons gives each reason its metric label; a refusal its HTTP status, error code and advice; a close its RFC 6455
// §7.4 code and reason text; and whether the client may come back. A named reason is a fault of the client: the log
// has each such close at level info, so that the client can be found. The others follow from a broken network, a
// token, an operator or a drain.
var reasons = [Count]struct {
	label  string
	status int
	code   protocol.StatusCode
	text   string
	again  bool
	named  bool
}{
	None:                    {label: "none"},
	RefusedRequest:          {label: "bad_request", status: 400},
	RefusedPath:             {label: "not_found", status: 404, text: "the WebSocket endpoint is /ws"},
	RefusedOrigin:           {label: "origin", status: 403, text: "this site's pages may not connect: the operator can add it to ALLOWED_ORIGINS"},
	RefusedToken:            {label: "token", status: 401},
	RefusedRevoked:          {label: "token_revoked", status: 401, text: "the token was revoked: get a new token"},
	RefusedBanned:           {label: "banned", status: 403, text: "the administrator has banned this user: try again after Retry-After seconds"},
	RefusedUnknown:          {label: "user_unknown", status: 403, text: "the token's user does not exist here: use an account that the operator has created"},
	RefusedInactive:         {label: "user_inactive", status: 403, text: "this user is not active: ask the operator to activate the account"},
	RefusedDirectory:        {label: "directory", status: 503, again: true, text: "whether this user may connect cannot be looked up now; try again after Retry-After seconds"},
	RefusedFull:             {label: "full", status: 503, again: true, text: "the node is full; try again after Retry-After seconds"},
	RefusedUser:             {label: "user_full", status: 429, again: true, text: "this user has as many connections as one may have: close one, or try again after Retry-After seconds"},
	RefusedAddress:          {label: "address_full", status: 429, again: true, text: "too many connections from this address: close one, or try again after Retry-After seconds"},
	RefusedBusy:             {label: "busy", status: 503, again: true, text: "too many handshakes at once; try again after Retry-After seconds"},
	RefusedDraining:         {label: "draining", status: 503, again: true, text: "the node is going away; try again after Retry-After seconds"},
	RefusedHandshakeTimeout: {label: "handshake_timeout", status: 408, again: true, text: "send the whole request within 5 seconds"},
	RefusedEarly:            {label: "early_frames", status: 413, text: "send at most 64 KiB of frames before the 101 has come"},
	RefusedMemory:           {label: "memory", status: 503, again: true, text: "the node is short of memory; try again after Retry-After seconds"},
	RefusedHTTPFull:         {label: "http_full", status: 503, again: true, text: "too many plain HTTP requests; use the admin port"},
	ClosedByPeer:            {label: "peer_closed", code: protocol.StatusNormalClosure, again: true},
	ClosedGone:              {label: "gone", code: protocol.StatusAbnormalClosure, again: true},
	ClosedProtocol:          {label: "protocol", code: protocol.StatusProtocolError, named: true},
	ClosedHeartbeat:         {label: "heartbeat", code: protocol.StatusGoingAway, text: "no answer to a ping", again: true},
	ClosedIdle:              {label: "idle", code: protocol.StatusGoingAway, text: "idle for too long", again: true},
	ClosedSlow:              {label: "slow", code: protocol.StatusTryAgainLater, text: "messages were not read fast enough", again: true, named: true},
	ClosedMemory:            {label: "memory", code: protocol.StatusTryAgainLater, text: "the node is short of memory, and this connection held the most", again: true, named: true},
	ClosedRate:              {label: "rate", code: protocol.StatusPolicyViolation, text: "too many messages", named: true},
	ClosedFlood:             {label: "flood", code: protocol.StatusPolicyViolation, text: "too many pings or pongs", named: true},
	ClosedDrain:             {label: "drain", code: protocol.StatusServiceRestart, text: "the node is restarting; reconnect", again: true},
	ClosedExpired:           {label: "token_expired", code: expired, text: "the token has expired: reconnect with a new one", again: true},
	ClosedRevoked:           {label: "token_revoked", code: revoked, text: "the token was revoked"},
	ClosedInactive:          {label: "user_inactive", code: inactive, text: "the user is no longer active"},
	ClosedDisconnected:      {label: "disconnected", code: disconnected, text: "disconnected by the administrator"},
	ClosedEarly:             {label: "early", again: true},
}

// String returns the reason as logs and metrics name it.
func (r Reason) String() string { return reasons[r].label }

// Status returns the HTTP status of a refusal; 0 for a close.
func (r Reason) Status() int { return reasons[r].status }

// Code returns the close code (RFC 6455 §7.4) of a close, 0 if there is none.
func (r Reason) Code() protocol.StatusCode { return reasons[r].code }

// Text returns the message of a refusal, or the reason in the close frame; "" if it differs from case to case.
func (r Reason) Text() string { return reasons[r].text }

// Again says whether the client may come back.
func (r Reason) Again() bool { return reasons[r].again }

// Named reports whether a close is a fault of the client, so that the log has to name the client.
func (r Reason) Named() bool { return reasons[r].named }

// Refusal returns the HTTP answer of a refusal with a fixed text.
func (r Reason) Refusal() *protocol.Refusal {
	return &protocol.Refusal{Status: r.Status(), Code: r.String(), Message: r.Text()}
}
