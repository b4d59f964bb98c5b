package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

const (
	firstDelay   = 500 * time.Millisecond
	longestDelay = 30 * time.Second
)

// refusal is a handshake that the server answered with an HTTP status.
type refusal struct {
	status     int
	body       string
	retryAfter string
}

func (r refusal) Error() string { return fmt.Sprintf("refused: %d %s", r.status, r.body) }

// refused reads the reason from the answer to a failed handshake, if there was an answer.
func refused(response *http.Response, err error) error {
	if response == nil {
		return err
	}
	body, _ := io.ReadAll(response.Body)
	return refusal{response.StatusCode, string(body), response.Header.Get("Retry-After")}
}

// delay says how long to wait before the next attempt, and whether one makes sense. Where the server names a time, that
// counts. Otherwise the delay grows with the attempts and is random, so that the clients of a node that has
// failed do not all come back at once.
func delay(lost error, attempt int) (wait time.Duration, again bool) {
	var r refusal
	if errors.As(lost, &r) {
		seconds, err := strconv.Atoi(r.retryAfter)
		return time.Duration(seconds) * time.Second, err == nil
	}
	var end websocket.CloseError
	if errors.As(lost, &end) {
		switch end.Code {
		case websocket.StatusGoingAway, websocket.StatusTryAgainLater:
		case websocket.StatusServiceRestart:
			var seconds int
			if _, err := fmt.Sscanf(end.Reason, "the node is restarting; reconnect in %d s", &seconds); err == nil {
				return time.Duration(seconds) * time.Second, true
			}
		default:
			return 0, false
		}
	}
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	return time.Duration(random.Int64N(int64(min(longestDelay, firstDelay<<min(attempt, 10))))), true
}

// pause waits, and returns false if ctx ends first.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
