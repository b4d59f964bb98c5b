package redis

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"momentum/server/cluster"
)

// chat has messages as people write them.
func chat(count int) (list []message) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range count {
		list = append(list, message{json: fmt.Appendf(nil, `{"id":"%032x","message_type":"text","data":{"content":"number %d of the conversation"}`,
			random.Uint64(), i)})
	}
	return list
}

// noise is a text that cannot be compressed.
func noise(size int) string {
	random, b := rand.New(rand.NewPCG(1, 2)), make([]byte, size)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return string(b)
}

func TestLongBundlesAreCompressed(t *testing.T) {
	messages := chat(40)
	entry := "7:" + string(appendBundle(nil, 1, messages))
	bytes := 0
	var want []cluster.Delivery
	for i, m := range messages {
		bytes += len(m.json)
		want = append(want, cluster.Delivery{Epoch: 1, Seq: 7 + uint64(i), JSON: m.json})
	}
	got, err := read(entry, 0)
	for i := range got {
		want[i].Sent = got[i].Sent
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if entry[2] != formCompressed || len(entry) > bytes/2 {
		t.Errorf("%d bytes of messages are %d in form %d", bytes, len(entry), entry[2])
	}
	for n := range len(entry) {
		if _, err := read(entry[:n], 0); err == nil {
			t.Errorf("%d bytes of %d are accepted", n, len(entry))
		}
	}
}

func TestBundlesThatCompressionDoesNotShortenStayAsTheyAre(t *testing.T) {
	for name, json := range map[string][]byte{
		"noise": []byte(noise(4 * compressBytes)), "short": make([]byte, compressBytes-16), "too long": make([]byte, compressedLimit),
	} {
		entry := "7:" + string(appendBundle(nil, 1, []message{{json: json}}))
		got, err := read(entry, 0)
		if entry[2] != formPlain || err != nil || len(got) != 1 || string(got[0].JSON) != string(json) {
			t.Errorf("%s: form %d, %d messages, %v", name, entry[2], len(got), err)
		}
	}
}

// TestABundleThatGrowsTooMuchIsRefused before its memory is allocated.
func TestABundleThatGrowsTooMuchIsRefused(t *testing.T) {
	entry := []byte("7:" + string(appendBundle(nil, 1, chat(40))))
	body := len("7:") + bundleHead + 1
	_, n := binary.Uvarint(entry[body:])
	rest := entry[body+n:]
	entry = append(binary.AppendUvarint(entry[:body:body], compressedLimit+1), rest...)
	var l deliveries
	if err := l.add(broadcast, string(entry), 0); err == nil || cap(l.room) > 0 {
		t.Errorf("%v, with %d bytes of memory", err, cap(l.room))
	}
}
