package clustertest

// Mistakes are faults of a bus against its contract. A simulation has to find each of them.
type Mistakes struct {
	StaleEpoch      bool // after a reconnection, the bus reports the former epoch
	RetriesBlindly  bool // a message of unknown outcome is published again without a look whether it was
	JoinsEarly      bool // a join is answered before the node is subscribed
	AcksEarly       bool // a message has an outcome before the engine has it
	SweepsNobody    bool // a lease ends, and the users of its node stay in the directory
	LosesDepartures bool // each second user who leaves stays in the directory
	ForgetsNotices  bool // bans are not kept for nodes that come later
}
