package redis

import (
	"context"
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

// run makes the calls, and returns an error if the attachment cannot go on: then any call without an answer of its own may have
// been executed, or will be.
func (t *trip) run() error {
	var broken error
	for len(t.calls) > 0 {
		l := t.calls[0].link
		var mine, others []tripCall
		for _, c := range t.calls {
			if c.link == l {
				mine = append(mine, c)
			} else {
				others = append(others, c)
			}
		}
		if err := runOn(l, mine); err != nil && broken == nil {
			broken = err
		}
		t.calls = others
	}
	return broken
}

func runOn(l *link, calls []tripCall) (broken error) {
	evaluations := make([]evaluation, len(calls))
	for i, c := range calls {
		evaluations[i] = evaluation{&publishScript, c.keys, c.args}
	}
	for i, r := range evaluate(l.client, evaluations) {
		answer, err := r.ToString()
		if isFatal(err) && broken == nil {
			broken = err
		}
		calls[i].answer(answer, err)
	}
	return broken
}

// evaluation is a call of a script.
type evaluation struct {
	script *script
	keys   []string
	args   []string
}

// evaluate runs scripts in order. If the server has forgotten one, it gets the texts.
func evaluate(client rueidis.CoreClient, list []evaluation) []rueidis.RedisResult {
	commands := make([]rueidis.Completed, len(list))
	for i, e := range list {
		commands[i] = client.B().Evalsha().Sha1(e.script.hash).Numkeys(int64(len(e.keys))).Key(e.keys...).Arg(e.args...).Build()
	}
	results := client.DoMulti(context.Background(), commands...)
	for i, e := range list {
		if refused, ok := rueidis.IsRedisErr(results[i].Error()); ok && refused.IsNoScript() {
			results[i] = client.Do(context.Background(),
				client.B().Eval().Script(e.script.text).Numkeys(int64(len(e.keys))).Key(e.keys...).Arg(e.args...).Build())
		}
	}
	return results
}
