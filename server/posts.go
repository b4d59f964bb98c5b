package server

// Operations of posts to a shard.
const (
	opFrame       uint8 = iota // a frame for all sessions here, with a frameMeta
	opLost                     // messages from Meta[0] to Meta[1] are missing: for the session To, the subscribers of the topic Ref, or all
	opPosition                 // the channel's numbers are of another epoch: Meta has its number and the epoch, To or Ref as above
	opOutcome                  // answer a client: Ref is the *outcome
	opDirect                   // a frame for the session To
	opTopic                    // a frame for the subscribers of a topic, with a frameMeta: Ref is the *topics.Topic
	opRoom                     // a frame for the subscribers that ask for a topic's presence, likewise
	opRoll                     // enroll the subscribers of a topic in its room: Ref is the *roll
	opSubscribers              // list some subscribers of a topic: Ref is the *subscriberStep
	opSurvey                   // the answer of the nodes to a question for users: Ref is the *survey
	opListing                  // list users for a client: Ref is the *listing
	opSubscribe                // continue with the messages about topics of the session To
	opAdmit                    // the outcome of a check: Ref is the *handshake
	opDecide                   // the decision about a handshake: Ref is the *handshake
	opRefreshed                // the outcome of a check: Ref is the *refresh
	opSweep                    // close the sessions that are past their deadline: Ref is a *sweep
	opAudit                    // find inconsistencies: Ref is an *audit
	opDrain                    // begin to drain: Ref is the *drainPlan
	opEndDrain                 // stop to drain
	opCutOff                   // close every socket
	opReload                   // other rules: Ref is the *reload
	opWall                     // the wall clock has got ahead: review the ends of tokens
	opConnections              // describe connections: Ref is the *connectionStep
	opEnds                     // find ends: Ref is the *endSearch
	opEvict                    // close connections of users or tokens: Ref is an *Eviction
)
