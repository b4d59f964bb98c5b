package server

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"momentum/server/cluster"
)

// How long nodes wait for each other's answers.
const (
	askPatience    = time.Second
	answerPatience = 800 * time.Millisecond
)

// answersAtOnce limits the questions that a node answers at the same time. Questions above the limit get no answer.
const answersAtOnce = 8

// note is a message between nodes: a question, its answer, or news.
type note struct {
	Kind string          `json:"kind,omitempty"` // of a question or news; "": an answer
	Ask  uint64          `json:"ask,omitempty"`  // number of the question at the node that asks
	Body json.RawMessage `json:"body,omitempty"`
	// Failed means that the node could not do what was asked.
	Failed bool `json:"failed,omitempty"`
}

// answerer answers one kind of question on this node.
type answerer func(ctx context.Context, body json.RawMessage) (any, error)

// peers asks the other nodes questions, and answers theirs. No reactor may ask.
type peers struct {
	bus     cluster.Bus
	answers map[string]answerer              // by kind
	news    map[string]func(json.RawMessage) // by kind; the bus's goroutine calls them
	busy    chan struct{}                    // has an element for each question that is being answered

	mu   sync.Mutex
	last uint64
	open map[uint64]chan reply
}

// reply is a node's answer to a question.
type reply struct {
	from cluster.NodeID
	note note
}

func newPeers() *peers {
	return &peers{
		answers: make(map[string]answerer), news: make(map[string]func(json.RawMessage)),
		busy: make(chan struct{}, answersAtOnce), open: make(map[uint64]chan reply),
	}
}

// send sends a note, and reports whether the bus has taken it.
func (p *peers) send(to cluster.NodeID, n note) bool {
	text, err := json.Marshal(n)
	return err == nil && p.bus.SendNote(to, text)
}

// receive handles a note from another node. The bus calls it, so it does not wait.
func (p *peers) receive(from cluster.NodeID, text []byte) {
	var n note
	if json.Unmarshal(text, &n) != nil {
		return // of a later version
	}
	if do := p.news[n.Kind]; do != nil {
		do(n.Body)
		return
	}
	if n.Kind == "" {
		p.take(reply{from, n})
		return
	}
	do := p.answers[n.Kind]
	if do == nil || from == p.bus.Nodes()[0].ID {
		return
	}
	select {
	case p.busy <- struct{}{}:
		go p.answer(from, n, do)
	default:
	}
}

// take gives an answer to the goroutine that waits for it.
func (p *peers) take(r reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.open[r.note.Ask] <- r:
	default: // nobody waits any more
	}
}

// answer answers a question of another node.
func (p *peers) answer(to cluster.NodeID, q note, do answerer) {
	defer func() { <-p.busy }()
	ctx, cancel := context.WithTimeout(context.Background(), answerPatience)
	defer cancel()
	a := note{Ask: q.Ask}
	found, err := do(ctx, q.Body)
	if err == nil {
		a.Body, err = json.Marshal(found)
	}
	a.Failed = err != nil
	p.send(to, a)
}

// ask puts a question to nodes, and returns the answers of those that answer within askPatience, and the names of the others. The
// answers come in the order of the nodes.
func (p *peers) ask(ctx context.Context, to []cluster.Peer, kind string, body any) (answers []json.RawMessage, missing []string) {
	if len(to) == 0 {
		return nil, nil
	}
	number, replies := p.begin(len(to))
	defer p.end(number)
	found := make(map[cluster.NodeID]json.RawMessage, len(to))
	if p.put(to, kind, number, body) {
		collect(ctx, replies, len(to), found)
	}
	for _, node := range to {
		if a, ok := found[node.ID]; ok {
			answers = append(answers, a)
		} else {
			missing = append(missing, node.Name)
		}
	}
	return answers, missing
}

// put sends a question: to one node, or else to all.
func (p *peers) put(to []cluster.Peer, kind string, number uint64, body any) bool {
	text, err := json.Marshal(body)
	one := cluster.NodeID("")
	if len(to) == 1 {
		one = to[0].ID
	}
	return err == nil && p.send(one, note{Kind: kind, Ask: number, Body: text})
}

func (p *peers) begin(nodes int) (number uint64, replies chan reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	replies = make(chan reply, nodes)
	p.open[p.last] = replies
	return p.last, replies
}

func (p *peers) end(number uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, number)
}

// collect waits for the answers of a number of nodes.
func collect(ctx context.Context, replies chan reply, nodes int, found map[cluster.NodeID]json.RawMessage) {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	for range nodes {
		select {
		case r := <-replies:
			if !r.note.Failed {
				found[r.from] = r.note.Body
			}
		case <-ctx.Done():
			return
		}
	}
}
