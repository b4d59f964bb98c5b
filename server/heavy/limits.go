package heavy

const (
	// Listed is how many connections each list has.
	Listed = 100

	// SlotSeconds is the length of a slot.
	SlotSeconds = 5

	// past is how many slots before the present one are kept: a minute.
	past = 60 / SlotSeconds

	// places limits the connections in the book. Two windows, each with a list for each measure, have at most 800 of them, and the
	// lists of the present slot 400. So whenever the book is full, at least 848 can make room. A full one takes 0.8 MB.
	places = 2048
)
