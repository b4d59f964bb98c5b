package main

import (
	"errors"
	"fmt"
	"net"

	momentum "momentum/client"
)

// closeCodes are the names of the close codes that a server sends (RFC 6455 §7.4.1 and the IANA registry; those from
// 4000 on are in docs/PROTOCOL.md), and advice for the user.
var closeCodes = map[int]struct{ name, advice string }{
	1000: {"normal closure", "the server closed the connection; reconnect when you like"},
	1001: {"going away", "reconnect"},
	1002: {"protocol error", "do not reconnect with this client: it violated the protocol"},
	1003: {"unsupported data", "reconnect, and send only text"},
	1005: {"no status", "reconnect"},
	1007: {"invalid text", "reconnect, and send only UTF-8"},
	1008: {"policy violation", "do not reconnect before the reason is removed"},
	1009: {"message too big", "reconnect, and send smaller messages"},
	1011: {"internal error", "reconnect later"},
	1012: {"service restart", "reconnect when the reason says, or to another node"},
	1013: {"try again later", "reconnect later"},
	4001: {"token expired", "reconnect with a new token"},
	4002: {"token revoked", "get a new token: this one is not valid any more"},
	4003: {"user not active", "do not reconnect before the operator has activated the user"},
	4004: {"disconnected by the administrator", "do not reconnect at once: the user may be banned"},
}

// closeReport describes how the connection ended, and whether to reconnect.
func closeReport(err error) string {
	var closed *momentum.CloseError
	var refusal *momentum.Refusal
	if errors.As(err, &refusal) {
		return "Refused by the server: " + oneLine(err.Error())
	}
	var failed *net.OpError
	if errors.As(err, &failed) && failed.Op == "dial" {
		return fmt.Sprintf("No connection (%s): reconnect", oneLine(err.Error()))
	}
	if !errors.As(err, &closed) {
		return fmt.Sprintf("Connection lost without a close frame (%s): reconnect", oneLine(err.Error()))
	}
	known, ok := closeCodes[closed.Code]
	if !ok {
		known.name, known.advice = "private code", "the reason says whether to reconnect"
	}
	reason := ""
	if closed.Reason != "" {
		reason = fmt.Sprintf(", %q", closed.Reason)
	}
	return fmt.Sprintf("Connection closed by the server: %d %s%s: %s", closed.Code, known.name, reason, known.advice)
}
