package redis

import "strconv"

const (
	hashSlots         = 16384
	clusterPartitions = 256
)

// slotOf returns the hash slot of a tag: the CRC16 (XMODEM) of its bytes.
func slotOf(tag string) int {
	crc := uint16(0)
	for _, b := range []byte(tag) {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return int(crc % hashSlots)
}

// clusterTags returns the tags of the partitions of Redis Cluster: numbers whose slots are spread evenly, one in each 64 slots. So
// each of a few primaries has nearly the same share.
func clusterTags() []string {
	tags, missing := make([]string, clusterPartitions), clusterPartitions
	for n := 0; missing > 0; n++ {
		tag := strconv.Itoa(n)
		if p := slotOf(tag) * clusterPartitions / hashSlots; tags[p] == "" {
			tags[p] = tag
			missing--
		}
	}
	return tags
}
