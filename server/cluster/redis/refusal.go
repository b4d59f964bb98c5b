package redis

import (
	"log/slog"
	"strings"

	"github.com/redis/rueidis"
)

// fatal are the answers after which the attachment has to be made again: the primary, the data or the scripts are others.
var fatal = []string{"EPOCH", "READONLY", "MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN", "LOADING", "MASTERDOWN", "BUSY", "NOAUTH"}

// isFatal returns whether an error ends the attachment: if there was no answer, or if it is one of these. After another answer,
// such as OOM, the call was not executed, and the next one may be.
func isFatal(err error) bool {
	if err == nil {
		return false
	}
	refused, ok := rueidis.IsRedisErr(err)
	if !ok {
		return true
	}
	for _, code := range fatal {
		if strings.HasPrefix(refused.Error(), code) {
			return true
		}
	}
	return false
}

// faults are what was logged and is not over yet: the last error with each message.
type faults map[string]string

// warn logs an error, unless it is the last one that was logged with this message. No error ends the fault. Errors of different lines of
// scripts are the same: "OOM command not allowed … script: HASH, on @user_script:21.".
func (f *faults) warn(log *slog.Logger, message string, err error) {
	if err == nil {
		delete(*f, message)
		return
	}
	text, _, _ := strings.Cut(err.Error(), " script: ")
	if (*f)[message] == text {
		return
	}
	if *f == nil {
		*f = make(faults)
	}
	(*f)[message] = text
	log.Warn(message, "error", err)
}
