package redis

import (
	"errors"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

func read(entry string, after uint64) ([]cluster.Delivery, error) {
	return readOf(broadcast, entry, after)
}

func readOf(c cluster.Channel, entry string, after uint64) ([]cluster.Delivery, error) {
	var l deliveries
	err := l.add(c, entry, after)
	return l.list, err
}

func TestBundlesAreReadAgain(t *testing.T) {
	sent := time.UnixMilli(1_700_000_000_123)
	c, but := cluster.TopicOf("t"), uuid.New()
	messages := []message{
		{to: c, json: []byte(`{"a":1,"message_type":"text","data":` + "\xff"), sent: sent},
		{to: c, json: []byte(`{"id":"`), but: but, sent: sent.Add(7 * time.Millisecond)},
		{to: c, json: make([]byte, 70_000), sent: sent.Add(-time.Second)}, // the clock was set
	}
	entry := "41:" + string(appendBundle(nil, 0xfedcba9876, messages))
	want := []cluster.Delivery{
		{Channel: c, Epoch: 0xfedcba9876, Seq: 41, JSON: messages[0].json, Sent: sent},
		{Channel: c, Epoch: 0xfedcba9876, Seq: 42, JSON: messages[1].json, But: but, Sent: sent.Add(7 * time.Millisecond)},
		{Channel: c, Epoch: 0xfedcba9876, Seq: 43, JSON: messages[2].json, Sent: sent},
	}
	if got, err := readOf(c, entry, 0); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := readOf(c, entry, 42); err != nil || !reflect.DeepEqual(got, want[2:]) {
		t.Errorf("after 42: %v, %v", got, err)
	}
}

func TestBrokenBundlesAreErrors(t *testing.T) {
	entry := "7:" + string(appendBundle(nil, 1, []message{{json: []byte("abc"), but: uuid.New()}, {json: []byte("d")}}))
	for n := range len(entry) {
		if _, err := read(entry[:n], 0); err == nil {
			t.Errorf("%d bytes of %d are accepted", n, len(entry))
		}
	}
	for _, bad := range []string{entry + "x", "7" + entry, "-" + entry, ":" + entry, "123456789012345678901:" + entry} {
		if got, err := read(bad, 0); err == nil && got[0].Seq == 7 {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestABundleOfAnotherVersionIsRefused(t *testing.T) {
	const version = len("7:")
	entry := []byte("7:" + string(appendBundle(nil, 1, []message{{json: []byte("abc")}})))
	if entry[version] != 2 {
		t.Errorf("packed messages are written as version %d, which has none", entry[version])
	}
	for _, other := range []byte{0, 1, 4} {
		entry[version] = other
		if _, err := read(string(entry), 0); !errors.Is(err, errVersion) {
			t.Errorf("version %d: %v", other, err)
		}
	}
}

func FuzzBundle(f *testing.F) {
	f.Add("1:" + string(appendBundle(nil, 1, []message{{json: []byte("abc")}})))
	f.Add("1:" + string(appendBundle(nil, 1, []message{{json: make([]byte, compressBytes)}, {json: []byte("abc")}})))
	f.Fuzz(func(t *testing.T, entry string) {
		list, err := read(entry, 0)
		if err == nil && len(list) > bundleMessages {
			t.Error(strconv.Itoa(len(list)) + " messages in an entry")
		}
	})
}
