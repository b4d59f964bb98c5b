package storm

import "time"

const (
	// Step is the time between two samples. Shorter ones would count a burst of some tens of clients as a storm.
	Step = time.Second

	// leastArrivals is how many handshakes in a step make a storm at the least: some milliseconds of work for a core. Fewer harm
	// no node, however small its fleet is.
	leastArrivals = 100

	// fleetShare is the part of the connections (a fiftieth) whose arrival in one step makes a storm. Clients that stay for ten
	// minutes come at a twelfth of that rate; a broken network or a restart brings a fleet within seconds.
	fleetShare = 50

	// refusedBusy is how many handshakes that are refused as busy in a step make a storm, whatever the number of arrivals: the rate
	// limiter has come to its limit. A few may be refused because several clients start at once.
	refusedBusy = 10

	// ebbSteps is how many steps in a row must be below half the limits before a storm is said to be over its peak: a pause
	// between two waves, of a second, is no end.
	ebbSteps = 3

	// calmSteps is how many steps in a row must be below a quarter of the limits before the node is calm. Clients that are refused are told
	// to come back within 8 s, unless the rate limiter says later; they are counted as missing until then.
	calmSteps = 10

	// longestRecovery ends a recovery whose missing clients do not come back: the longest time that the rate limiter tells a client.
	longestRecovery = 60

	// memorySteps is how far back the number of connections is looked at for the size of the fleet before a storm: a broken network
	// is noticed by heartbeats within a minute.
	memorySteps = 60

	// leastMeasured is how many handshakes a step must admit for its processor time to say what one costs: fewer are lost
	// among the messages of the connected clients.
	leastMeasured = 200

	// CostGuess is the processor time of a handshake until one has been measured: that of docs/OPERATIONS.md, on a slower host.
	CostGuess = 20 * time.Microsecond

	// costWeight is the weight of a new measurement of the cost, in sixteenths: an odd second does not change it by much.
	costWeight = 4
)
