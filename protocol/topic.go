package protocol

// MaxTopicBytes limits the name of a topic.
const MaxTopicBytes = 128

// ValidTopic reports whether a name has 1 to 128 bytes of [A-Za-z0-9_.:-].
func ValidTopic[T []byte | string](name T) bool {
	for i := range len(name) {
		c := name[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.' || c == ':') {
			return false
		}
	}
	return len(name) > 0 && len(name) <= MaxTopicBytes
}
