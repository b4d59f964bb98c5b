package view

// reactorWatch follows the readings of one reactor.
type reactorWatch struct {
	lag   window
	last  ReactorReading
	share *float64 // the last known one
	age   int      // steps since then
}

// next takes a reading, and returns the row of the view.
func (w *reactorWatch) next(now *ReactorReading) Reactor {
	counts := w.lag.add(&now.Lag)
	w.age++
	if watched := now.Watched - w.last.Watched; watched > 0 {
		share := round((now.Processor - w.last.Processor).Seconds() / watched.Seconds())
		w.share, w.age = &share, 0
	}
	if w.age > shareSteps {
		w.share = nil
	}
	w.last = *now
	return Reactor{
		Processor: w.share, Lag: quantile(now.Lag.Bounds, counts, 0.99), Mailbox: now.Mailbox, Waiting: now.Waiting, Queued: now.Queued,
	}
}
