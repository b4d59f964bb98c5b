package sim

// invariant is one of the eleven properties that a fleet must have whatever fails.
type invariant int

const (
	numbersRise invariant = 1 + iota
	sendersOrder
	onceEach
	acknowledgedStay
	resumedIsComplete
	presenceConverges
	memoryAddsUp
	nobodyWaits
	allHeals
	bannedAreNowhere
	epochsAreApart
)

// invariants says each of them in a sentence.
var invariants = map[invariant]string{
	numbersRise:       "in each channel, numbers rise at each client, and none is missing unless the client is told a gap",
	sendersOrder:      "the messages of a connection to a channel come in the order in which they were sent",
	onceEach:          "each message comes to a client at most once, and has one number",
	acknowledgedStay:  "a message that was acknowledged has the number of its ack, and reaches its receivers, is kept, or they are told a loss",
	resumedIsComplete: "after resumed:true, what a client had before and what it gets after is everything, and a loss is told only where one can be",
	presenceConverges: "arrivals and departures of a user alternate, and at rest every node knows exactly the users that are connected",
	memoryAddsUp:      "the bytes and counts of every node add up, and are within their bounds",
	nobodyWaits:       "no reactor waits: each handshake and each acknowledgement is answered in time",
	allHeals:          "ten seconds after the last fault, every node is healthy, and messages reach everybody",
	bannedAreNowhere:  "a banned user is connected nowhere once the nodes are connected again",
	epochsAreApart:    "numbers of two epochs are never compared: at rest, every client has the present epoch",
}
