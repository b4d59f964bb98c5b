package redis

import (
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
