package redis

import (
	"context"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// trip is one round trip to all primaries that it needs.
type trip struct {
	now   time.Time
	calls []tripCall
}

type tripCall struct {
	link   *link
	keys   []string
	args   []string
	answer func(answer string, err error)
}

func (t *trip) add(l *link, keys, args []string, answer func(string, error)) {
	t.calls = append(t.calls, tripCall{l, keys, args, answer})
}

// run makes the calls, those of several primaries at the same time. It returns an error if the attachment cannot go on: then any
// call without an answer of its own may have been executed, or will be.
func (t *trip) run() (broken error) {
	byLink := make(map[*link][]evaluation, 1)
	for _, c := range t.calls {
		byLink[c.link] = append(byLink[c.link], evaluation{&publishScript, c.keys, c.args})
	}
	results := evaluateAll(byLink)
	for _, c := range t.calls {
		answer, err := results[c.link][0].ToString()
		results[c.link] = results[c.link][1:]
		if isFatal(err) && broken == nil {
			broken = err
		}
		c.answer(answer, err)
	}
	return broken
}

// evaluateAll runs the scripts of several primaries at the same time.
func evaluateAll(byLink map[*link][]evaluation) map[*link][]rueidis.RedisResult {
	results := make(map[*link][]rueidis.RedisResult, len(byLink))
	var mu sync.Mutex
	var others sync.WaitGroup
	left := len(byLink)
	for l, list := range byLink {
		run := func() {
			r := evaluate(l.client, list)
			mu.Lock()
			results[l] = r
			mu.Unlock()
		}
		if left--; left == 0 {
			run() // the only one, mostly: without another goroutine
		} else {
			others.Go(run)
		}
	}
	others.Wait()
	return results
}

// evaluation is a call of a script.
type evaluation struct {
	script *script
	keys   []string
	args   []string
}

// evaluate runs scripts in order. If the server has forgotten one, it gets the text.
func evaluate(client rueidis.CoreClient, list []evaluation) []rueidis.RedisResult {
	return evaluateAfter(nil, client, list)
}

// evaluateAfter runs commands and then scripts, and returns the results of all.
func evaluateAfter(before []rueidis.Completed, client rueidis.CoreClient, list []evaluation) []rueidis.RedisResult {
	commands := before
	for _, e := range list {
		commands = append(commands, client.B().Evalsha().Sha1(e.script.hash).Numkeys(int64(len(e.keys))).Key(e.keys...).Arg(e.args...).Build())
	}
	results := client.DoMulti(context.Background(), commands...)
	for i, e := range list {
		r := &results[len(before)+i]
		if refused, ok := rueidis.IsRedisErr(r.Error()); ok && refused.IsNoScript() {
			*r = client.Do(context.Background(),
				client.B().Eval().Script(e.script.text).Numkeys(int64(len(e.keys))).Key(e.keys...).Arg(e.args...).Build())
		}
	}
	return results
}
