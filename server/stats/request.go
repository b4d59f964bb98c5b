package stats

// Request is the outcome of a client's request for one topic: that of its position, as a Resume, or a refusal. A request without a
// position is a NewPosition.
type Request uint8

// The refusals.
const (
	BadTopic      = Request(Resumes) + iota // the name, the number or the epoch is not as it must be
	NotAllowed                              // by the token
	TooManyTopics                           // the connection has as many as allowed
	NodeFull                                // the node has as many subscriptions as allowed
	Requests                                // how many outcomes there are
)

// String returns the name as the subscribed message and the metrics have it.
func (r Request) String() string {
	if r < Request(Resumes) {
		return Resume(r).String()
	}
	return [...]string{"bad_topic", "not_allowed", "too_many_topics", "node_full"}[r-BadTopic]
}
