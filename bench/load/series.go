package load

import "time"

// Sample counts the events of one window. Open is the number of connections at its end.
type Sample struct {
	Seconds   float64 `json:"t"` // end of the window, since the run began
	Open      int     `json:"open"`
	Entered   int     `json:"entered"`
	Refused   int     `json:"refused"`
	Failed    int     `json:"failed"`
	Sent      int     `json:"sent"`
	Delivered int     `json:"delivered"`
	CPU       float64 `json:"generator_cpu"` // cores
}

// hasEvents reports whether anything happened during the window.
func (s *Sample) hasEvents() bool { return s.Entered+s.Refused+s.Failed+s.Sent+s.Delivered > 0 }

// series collects samples, whose windows become longer during the run.
type series struct {
	all              []Sample
	next             int64 // when the current window ends
	windowsPerSample int   // windows of windowLength that make one sample
	lastTotal        Sample
	pending          []Sample
	nextReport       int64 // when to report the progress
}

// Progress is the state of a running test.
type Progress struct {
	Test        Test
	Phase       string
	Elapsed     time.Duration
	Connections int // as planned
	Open        int
	Entered     int
	Refused     int
	Failed      int
	Dropped     int
	Sent        int
	Delivered   int
	Recent      Percentiles // latencies since the last report: first of handshakes, then of deliveries
}

// sample ends the current window.
func (f *fleet) sample(now int64) {
	s, a, t := &f.series, &f.admission, &f.traffic
	total := Sample{Entered: a.entered, Refused: a.refusals, Failed: a.failures, Sent: t.sent, Delivered: t.received}
	did := f.meter.sample(now)
	one := Sample{
		Seconds: time.Duration(now).Seconds(), Open: int(f.open.Load()),
		Entered: total.Entered - s.lastTotal.Entered, Refused: total.Refused - s.lastTotal.Refused,
		Failed: total.Failed - s.lastTotal.Failed, Sent: total.Sent - s.lastTotal.Sent, Delivered: total.Delivered - s.lastTotal.Delivered,
		CPU: did.cpu(),
	}
	switch {
	case !one.hasEvents():
	case f.stage == admitting:
		f.meter.handshakes.add(did)
	case f.stage < closing:
		f.meter.deliveries.add(did)
	}
	s.lastTotal = total
	s.add(one)
	s.next = now + int64(windowLength)
	f.timestamp = time.Now().UTC().Format(time.RFC3339)
	if now >= s.nextReport || f.stage == finished {
		f.reportProgress(now)
		s.nextReport = now + int64(reportInterval)
	}
}

func (f *fleet) reportProgress(now int64) {
	if f.observe == nil {
		return
	}
	p := Progress{
		Test: f.test, Phase: f.stage.String(), Elapsed: time.Duration(now), Connections: len(f.connections),
		Open: int(f.open.Load()), Entered: f.admission.entered, Refused: f.admission.refusals, Failed: f.admission.failures,
		Dropped: f.traffic.dropped, Sent: f.traffic.sent, Delivered: f.traffic.received,
	}
	if f.stage == admitting {
		p.Recent = f.admission.handshakes.takeRecent()
	} else {
		p.Recent = f.traffic.delivery.takeRecent()
	}
	f.observe(p)
}

// add appends a window. When there are too many samples, every two are merged into one.
func (s *series) add(one Sample) {
	s.windowsPerSample = max(s.windowsPerSample, 1)
	if s.pending = append(s.pending, one); len(s.pending) < s.windowsPerSample {
		return
	}
	s.all = append(s.all, merged(s.pending))
	s.pending = s.pending[:0]
	if len(s.all) < maxSamples {
		return
	}
	for i := range len(s.all) / 2 {
		s.all[i] = merged(s.all[2*i : 2*i+2])
	}
	s.all = s.all[:len(s.all)/2]
	s.windowsPerSample *= 2
}

// flush returns all samples, including the windows that do not make a complete one.
func (s *series) flush() []Sample {
	if len(s.pending) > 0 {
		s.all = append(s.all, merged(s.pending))
		s.pending = nil
	}
	return s.all
}

// merged makes one sample of several consecutive ones.
func merged(parts []Sample) Sample {
	sum := parts[len(parts)-1]
	for _, p := range parts[:len(parts)-1] {
		sum.Entered += p.Entered
		sum.Refused += p.Refused
		sum.Failed += p.Failed
		sum.Sent += p.Sent
		sum.Delivered += p.Delivered
		sum.CPU += p.CPU
	}
	sum.CPU /= float64(len(parts))
	return sum
}
