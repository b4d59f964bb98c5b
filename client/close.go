package client

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"
)

// The close codes (RFC 6455 §7.4.1, and docs/PROTOCOL.md) that the client treats in a way of their own.
const (
	codeNormal         = 1000
	codeProtocolError  = 1002
	codeUnsupported    = 1003
	codeNone           = 1005 // a close frame without a code
	codeInvalidText    = 1007
	codePolicy         = 1008
	codeTooBig         = 1009
	codeServiceRestart = 1012
	codeTryAgainLater  = 1013

	codeTokenExpired = 4001
	codeTokenRevoked = 4002
	codeUserInactive = 4003
	codeDisconnected = 4004
)

// CloseError is the close frame that ended a connection.
type CloseError struct {
	Code   int // 1005: the frame has none
	Reason string
}

// Error returns code and reason.
func (e *CloseError) Error() string { return fmt.Sprintf("closed with code %d %q", e.Code, e.Reason) }

// namedTime finds the seconds in a reason: "the node is restarting; reconnect in 9 s". Of several times it finds the last.
var namedTime = regexp.MustCompile(`(?s).*\bin (\d+) s\b`)

// ending says what follows from the close frame.
func (e *CloseError) ending() ending {
	end := ending{why: fmt.Sprintf("close:%d", e.Code), err: e, named: -1}
	switch e.Code {
	case codeServiceRestart, codeTryAgainLater:
		if found := namedTime.FindStringSubmatch(e.Reason); found != nil {
			if d, ok := seconds(found[1]); ok && d > 0 {
				end.named = d
			}
		}
	case codeTokenExpired, codeTokenRevoked:
		end.course = renew
	case codeProtocolError, codeInvalidText, codePolicy, codeTooBig, codeUserInactive, codeDisconnected:
		end.course = final
	}
	return end
}

// parseClose reads the payload of a close frame.
func parseClose(payload []byte) error {
	if len(payload) == 0 {
		return &CloseError{Code: codeNone}
	}
	if len(payload) == 1 {
		return violation{codeProtocolError, "a close frame's payload begins with two bytes of code"}
	}
	code := int(binary.BigEndian.Uint16(payload))
	defined := code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999
	if !defined {
		return violation{codeProtocolError, "this close code must not be sent"}
	}
	if !utf8.Valid(payload[2:]) {
		return violation{codeInvalidText, "the close reason is not UTF-8"}
	}
	return &CloseError{code, string(payload[2:])}
}

// closePayload returns the payload of a close frame; a code of 1005 has none.
func closePayload(code int, reason string) []byte {
	if code == codeNone {
		return nil
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
}

// lost is the ending of a connection or an attempt without a close frame.
func lost(err error) ending { return ending{why: "lost", err: err, named: time.Duration(-1)} }
