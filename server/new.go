package server

import (
	"hash/maphash"
	"time"

	"momentum/netpoll"
	"momentum/server/admit"
	"momentum/server/presence"
	"momentum/server/stats"
	"momentum/server/storm"
	"momentum/server/view"
)

// New makes a node with idle reactors: Listen or a simulation runs them.
func New(o Options) (*Server, error) {
	s := &Server{node: node{
		options: o, started: o.Now(), addresses: admit.NewAddresses(),
		counters: make(stats.Node, o.Reactors), tokenSeed: maphash.MakeSeed(),
	}}
	s.remember(o.History)
	rules := o.Rules
	s.options.Rules = Rules{} // the only copy is s.rules, which a reload replaces
	s.enforce(&rules)
	s.swept = s.started
	s.leave.over = make(chan struct{})
	s.announcer = presence.NewAnnouncer(s.hub, s.announce)
	s.overflow = newOverflowAnswers()
	s.storms = stormWatch{counters: s.counters, processor: o.Processor, log: o.Log, due: storm.Step}
	s.Views = view.NewViews(view.Options{
		Admin: o.MaxViewers, Public: o.MaxPublicViewers, Now: o.Now, Health: o.Health,
		Read: func(elapsed time.Duration) view.Reading { return readingOf(s, elapsed) },
	})
	var err error
	if s.group, err = netpoll.NewGroup(reactorOptions(s, &o)); err != nil {
		return nil, err
	}
	if err := joinCluster(&s.node, s); err != nil {
		return nil, err
	}
	s.survey = s.Reach(false).survey
	s.checks = startTokenChecks(o.Verifier, o.Now, o.AdmissionWorkers)
	return s, nil
}

func reactorOptions(s *Server, o *Options) netpoll.Options {
	return netpoll.Options{
		Reactors:   o.Reactors,
		MaxSockets: o.MaxSockets,
		Overflow:   s.overflow.next,
		Outbound:   o.Outbound,
		Now:        o.Now,
		Log:        o.NetLog,
		NewHandler: s.addShard,
		OnTick:     s.Tick,
		OnLag:      s.recordLag,
	}
}
