package stats

import (
	"strconv"

	"momentum/protocol"
	"momentum/server/reason"
)

// closeCodes is the number of close codes that are counted: 1000 to 1015 one by one, and one slot each for the codes
// of libraries and of applications, which are not counted one by one because clients choose them.
const (
	closeCodes   = 18
	libraryCodes = 16 // 3000–3999
	privateCodes = 17 // 4000–4999
)

func codeSlot(code protocol.StatusCode) int {
	switch {
	case code >= 4000:
		return privateCodes
	case code >= 3000:
		return libraryCodes
	case code >= 1000 && code < 1000+libraryCodes:
		return int(code - 1000)
	}
	return int(protocol.StatusNone - 1000)
}

func codeName(slot int) string {
	switch slot {
	case privateCodes:
		return "4xxx"
	case libraryCodes:
		return "3xxx"
	}
	return strconv.Itoa(1000 + slot)
}

// mayPeerClose reports whether a close by the peer can have the code: a code that may arrive, or none.
func mayPeerClose(slot int) bool { return slot != 4 && slot != 6 && slot != 15 }

// mayProtocolClose reports whether a close for a protocol error can have the code.
func mayProtocolClose(slot int) bool { return slot == 2 || slot == 7 || slot == 9 }

// ClosedWith counts the code of a close if its reason can have different codes.
func (c *Counters) ClosedWith(why reason.Reason, code protocol.StatusCode) {
	switch why {
	case reason.ClosedByPeer:
		c.peerCloses[codeSlot(code)].Add(1)
	case reason.ClosedProtocol:
		c.protocolCloses[codeSlot(code)].Add(1)
	}
}
