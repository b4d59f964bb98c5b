package stats

import (
	"strconv"

	"momentum/protocol"
	"momentum/server/reason"
)

// closeCodes are the slots for codes that are counted one by one: 1000 to 1015, and two for what applications and
// libraries make up, which are counted together because clients choose them.
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

// mayPeerClose says whether a peer's close can have the code: what may arrive, and none.
func mayPeerClose(slot int) bool { return slot != 4 && slot != 6 && slot != 15 }

// mayProtocolClose says whether a protocol error is told with the code.
func mayProtocolClose(slot int) bool { return slot == 2 || slot == 7 || slot == 9 }

// ClosedWith counts the code of a close whose reason does not say it.
func (c *Counters) ClosedWith(why reason.Reason, code protocol.StatusCode) {
	switch why {
	case reason.ClosedByPeer:
		c.peerCloses[codeSlot(code)].Add(1)
	case reason.ClosedProtocol:
		c.protocolCloses[codeSlot(code)].Add(1)
	}
}
