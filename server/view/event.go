package view

// Event returns an event of a text/event-stream. The data has no line break, as JSON of encoding/json has none.
func Event(name string, data []byte) []byte {
	event := make([]byte, 0, len(name)+len(data)+16)
	event = append(event, "event: "...)
	event = append(event, name...)
	event = append(event, "\ndata: "...)
	event = append(event, data...)
	return append(event, "\n\n"...)
}
