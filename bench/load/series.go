package load

import "time"

// Sample is what happened in one window. Counts are of the window, Open is at its end.
type Sample struct {
	Seconds   float64 `json:"t"` // the window's end, since the run began
	Open      int     `json:"open"`
	Entered   int     `json:"entered"`
	Refused   int     `json:"refused"`
	Failed    int     `json:"failed"`
	Sent      int     `json:"sent"`
	Delivered int     `json:"delivered"`
	Busy      float64 `json:"generator_busy"` // share of the window
	Handshake Spread  `json:"handshake"`
	Delivery  Spread  `json:"delivery"`
}

// series collects samples, in windows that grow with the run.
type series struct {
	all    []Sample
	next   int64 // when the window ends
	merge  int   // how many windows of windowLength make one sample
	before Sample
	idle   int64
	last   int64
	parts  []Sample
	recent Sample // what has not been told yet
	tell   int64  // when it will be
}

// Progress is what a run looks like while it goes on.
type Progress struct {
	Test        Test
	Phase       string
	Elapsed     time.Duration
	Connections int // asked for
	Open        int
	Entered     int
	Refused     int
	Failed      int
	Dropped     int
	Sent        int
	Delivered   int
	Recent      Spread // latencies of the last window: of handshakes while connecting, then of deliveries
}

// sample ends a window.
func (f *fleet) sample(now int64) {
	s, a, t := &f.series, &f.admission, &f.traffic
	total := Sample{Entered: a.entered, Refused: a.refusals, Failed: a.failures, Sent: t.sent, Delivered: t.received}
	one := Sample{
		Seconds: time.Duration(now).Seconds(), Open: int(f.open.Load()),
		Entered: total.Entered - s.before.Entered, Refused: total.Refused - s.before.Refused,
		Failed: total.Failed - s.before.Failed, Sent: total.Sent - s.before.Sent, Delivered: total.Delivered - s.before.Delivered,
		Handshake: a.handshake.cut(), Delivery: t.delivery.cut(),
	}
	if now > s.last {
		one.Busy = max(0, 1-float64(f.watch.idle-s.idle)/float64(now-s.last))
	}
	s.before, s.idle, s.last = total, f.watch.idle, now
	s.add(one)
	s.next = now + int64(windowLength)
	f.stamp = time.Now().UTC().Format(time.RFC3339)
	s.recent = merged([]Sample{s.recent, one})
	if now >= s.tell {
		f.report(now, s.recent)
		s.tell, s.recent = now+int64(reportInterval), Sample{}
	}
}

func (f *fleet) report(now int64, window Sample) {
	if f.observe == nil {
		return
	}
	p := Progress{
		Test: f.test, Phase: f.phase.String(), Elapsed: time.Duration(now), Connections: len(f.connections),
		Open: window.Open, Entered: f.admission.entered, Refused: f.admission.refusals, Failed: f.admission.failures,
		Dropped: f.traffic.dropped, Sent: f.traffic.sent, Delivered: f.traffic.received, Recent: window.Handshake,
	}
	if f.phase > admitting {
		p.Recent = window.Delivery
	}
	f.observe(p)
}

// add appends a window, and halves the resolution of all when there are too many.
func (s *series) add(one Sample) {
	s.merge = max(s.merge, 1)
	if s.parts = append(s.parts, one); len(s.parts) < s.merge {
		return
	}
	s.all = append(s.all, merged(s.parts))
	s.parts = s.parts[:0]
	if len(s.all) < maxSamples {
		return
	}
	for i := range len(s.all) / 2 {
		s.all[i] = merged(s.all[2*i : 2*i+2])
	}
	s.all = s.all[:len(s.all)/2]
	s.merge *= 2
}

// flush returns all samples, with what is left of the last window.
func (s *series) flush() []Sample {
	if len(s.parts) > 0 {
		s.all = append(s.all, merged(s.parts))
		s.parts = nil
	}
	return s.all
}

// merged makes one sample of several that follow each other.
func merged(parts []Sample) Sample {
	sum := parts[len(parts)-1]
	for _, p := range parts[:len(parts)-1] {
		sum.Entered += p.Entered
		sum.Refused += p.Refused
		sum.Failed += p.Failed
		sum.Sent += p.Sent
		sum.Delivered += p.Delivered
		sum.Busy += p.Busy
		sum.Handshake = sum.Handshake.with(p.Handshake)
		sum.Delivery = sum.Delivery.with(p.Delivery)
	}
	sum.Busy /= float64(len(parts))
	return sum
}

// with joins two windows' figures. Percentiles cannot be joined exactly: the middle ones are weighed, and of the
// highest the higher is on the safe side.
func (s Spread) with(o Spread) Spread {
	n := s.Count + o.Count
	if n == 0 {
		return Spread{}
	}
	weigh := func(a, b float64) float64 { return (a*float64(s.Count) + b*float64(o.Count)) / float64(n) }
	return Spread{n, weigh(s.P50, o.P50), weigh(s.P90, o.P90), max(s.P99, o.P99), max(s.Max, o.Max)}
}

// Thin returns at most so many samples, each of several that follow each other.
func Thin(all []Sample, most int) []Sample {
	size := (len(all) + most - 1) / most
	if size < 2 {
		return all
	}
	var thin []Sample
	for ; len(all) > 0; all = all[min(size, len(all)):] {
		thin = append(thin, merged(all[:min(size, len(all))]))
	}
	return thin
}
