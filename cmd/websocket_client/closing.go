package main

import (
	"errors"
	"fmt"

	"github.com/coder/websocket"
)

// closings says what the close codes a server sends are called (RFC 6455 §7.4.1 and the IANA registry, those from 4000 on
// docs/PROTOCOL.md) and what to do about them.
var closings = map[websocket.StatusCode]struct{ name, advice string }{
	websocket.StatusNormalClosure:           {"normal closure", "the server is done; come back when you like"},
	websocket.StatusGoingAway:               {"going away", "come back"},
	websocket.StatusProtocolError:           {"protocol error", "do not come back with this client: it broke the protocol"},
	websocket.StatusUnsupportedData:         {"unsupported data", "come back, but send text"},
	websocket.StatusNoStatusRcvd:            {"no status", "come back"},
	websocket.StatusInvalidFramePayloadData: {"invalid text", "come back, but send UTF-8"},
	websocket.StatusPolicyViolation:         {"policy violation", "do not come back before the reason is dealt with"},
	websocket.StatusMessageTooBig:           {"message too big", "come back, but send smaller messages"},
	websocket.StatusInternalError:           {"internal error", "come back later"},
	websocket.StatusServiceRestart:          {"service restart", "come back, elsewhere or when it says"},
	websocket.StatusTryAgainLater:           {"try again later", "come back later"},
	4001:                                    {"token expired", "come back with a new token"},
	4002:                                    {"token revoked", "get a new token, this one is good for nothing any more"},
	4003:                                    {"user not active", "do not come back before the operator has activated the user"},
	4004:                                    {"disconnected by the administrator", "do not come back at once; the user may be banned"},
}

// closeReport tells how the connection ended, and whether to come back.
func closeReport(err error) string {
	var closed websocket.CloseError
	if !errors.As(err, &closed) {
		return fmt.Sprintf("Connection lost without a close frame (%s): come back", oneLine(err.Error()))
	}
	known, ok := closings[closed.Code]
	if !ok {
		known.name, known.advice = "private code", "the reason says whether to come back"
	}
	reason := ""
	if closed.Reason != "" {
		reason = fmt.Sprintf(", %q", closed.Reason)
	}
	return fmt.Sprintf("Connection closed by the server: %d %s%s: %s", closed.Code, known.name, reason, known.advice)
}
