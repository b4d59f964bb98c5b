package protocol

import "github.com/gobwas/ws"

// OpCode is the type of a frame (RFC 6455 §5.2).
type OpCode = ws.OpCode

// The opcodes of RFC 6455 §5.2. All others are reserved.
const (
	OpContinuation = ws.OpContinuation
	OpText         = ws.OpText
	OpBinary       = ws.OpBinary
	OpClose        = ws.OpClose
	OpPing         = ws.OpPing
	OpPong         = ws.OpPong
)

// StatusCode is the number a close frame carries (RFC 6455 §7.4).
type StatusCode = ws.StatusCode

// The status codes that this node sends or distinguishes.
const (
	StatusNormalClosure   = ws.StatusNormalClosure           // 1000
	StatusGoingAway       = ws.StatusGoingAway               // 1001
	StatusProtocolError   = ws.StatusProtocolError           // 1002
	StatusUnsupportedData = ws.StatusUnsupportedData         // 1003
	StatusNone            = ws.StatusNoStatusRcvd            // 1005: a close frame without a code; never on the wire
	StatusAbnormalClosure = ws.StatusAbnormalClosure         // 1006: no close frame at all; never on the wire
	StatusInvalidData     = ws.StatusInvalidFramePayloadData // 1007
	StatusPolicyViolation = ws.StatusPolicyViolation         // 1008
	StatusMessageTooBig   = ws.StatusMessageTooBig           // 1009
	StatusMandatoryExt    = ws.StatusMandatoryExt            // 1010: sent by clients only
	StatusInternalError   = ws.StatusInternalServerError     // 1011

	// Registered with IANA after RFC 6455, so the frame library does not have them.
	StatusServiceRestart StatusCode = 1012
	StatusTryAgainLater  StatusCode = 1013
	StatusBadGateway     StatusCode = 1014
)

// CloseError is a protocol error: the connection must be failed with this code (RFC 6455 §7.1.7). Reason
// explains it to the client's developer in at most MaxReasonBytes.
type CloseError struct {
	Code   StatusCode
	Reason string
}

// Error returns the reason.
func (e *CloseError) Error() string { return e.Reason }

func protocolError(reason string) *CloseError {
	return &CloseError{Code: StatusProtocolError, Reason: reason}
}

func invalidUTF8(where string) *CloseError {
	return &CloseError{Code: StatusInvalidData, Reason: where + " is not UTF-8"}
}
