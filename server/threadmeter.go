package server

import (
	"time"

	"momentum/netpoll"
)

// threadMeasureTicks is the time between two measurements: half of a view's step, so that most views have a new
// measurement.
const threadMeasureTicks = 5

// threadMeter measures the processor time of the thread that runs a reactor. It belongs to the reactor.
//
// A reactor keeps its thread while it waits for sockets, and only sometimes gets another one after a long turn. The time between two
// measurements on different threads is not counted, neither as processor time nor as watched.
type threadMeter struct {
	*base
	thread int
	used   time.Duration
	at     netpoll.Moment
	tick   uint32
}

// measure measures if it is time.
func (m *threadMeter) measure() {
	now := m.reactor.Tick()
	if m.node.options.Thread == nil || now-m.tick < threadMeasureTicks {
		return
	}
	thread, used := m.node.options.Thread()
	moment := m.node.group.Moment()
	if thread == m.thread && used >= m.used && m.tick != 0 { // less: the thread has ended, and a new one has its id
		m.count.Processor.Add(int64(used - m.used))
		m.count.Watched.Add(int64(moment.Since(m.at)))
	}
	m.thread, m.used, m.at, m.tick = thread, used, moment, now
}
