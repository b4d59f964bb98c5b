package redis

import (
	"context"
	"strconv"
	"sync"

	"momentum/server/cluster"
)

// maxKeeps limits the notices that wait until Redis can be reached.
const maxKeeps = 1024

// keep is a notice to keep.
type keep struct {
	text, until string
	void        []string
	done        func(error)
}

// keeps are the notices that wait for the keeper.
type keeps struct {
	mu      sync.Mutex
	waiting []keep
}

// add adds a notice, or returns false if too many wait.
func (k *keeps) add(one keep) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.waiting) >= maxKeeps {
		return false
	}
	k.waiting = append(k.waiting, one)
	return true
}

// take takes all that waits.
func (k *keeps) take() []keep {
	k.mu.Lock()
	defer k.mu.Unlock()
	taken := k.waiting
	k.waiting = nil
	return taken
}

// sendKeeps keeps the notices that wait.
func (k *keeper) sendKeeps(a *attachment) (more bool) {
	list := k.kept.take()
	calls := make([]evaluation, len(list))
	for i, one := range list {
		args := append([]string{one.text, one.until, strconv.Itoa(cluster.MaxNotices)}, one.void...)
		calls[i] = evaluation{&keepScript, []string{a.names.key(0, "out")}, args}
	}
	if len(calls) == 0 {
		return false
	}
	more = true
	for i, r := range evaluate(a.owner[0].client, calls) {
		var err error
		if !k.accepts(a, "Redis refuses notices", r.Error()) {
			more, err = false, cluster.ErrUnavailable
		}
		list[i].done(err)
	}
	return more
}

// readNotices reads the notices that are kept. Some may have ended by now.
func readNotices(a *attachment) (texts [][]byte, err error) {
	client := a.owner[0].client
	list, err := client.Do(context.Background(), client.B().Zrange().Key(a.names.key(0, "out")).Min("0").Max("-1").Build()).AsStrSlice()
	for _, text := range list {
		texts = append(texts, []byte(text))
	}
	return texts, err
}
