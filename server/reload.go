package server

import (
	"sync"

	"momentum/netpoll"
)

// reload carries rules to the reactors.
type reload struct {
	rules   *Rules
	waiting sync.WaitGroup
}

func (n *node) startReload(r Rules) *reload {
	l := &reload{rules: &r}
	n.enforce(l.rules)
	l.waiting.Add(n.group.Reactors())
	n.group.PostAll(netpoll.Post{Op: opReload, Ref: l}, nil)
	return l
}
