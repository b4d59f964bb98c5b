package admin

import "testing"

func TestTheLastChangesAreKept(t *testing.T) {
	var k Changes
	if page, more := k.before(^uint64(0), 5); len(page) != 0 || more {
		t.Errorf("%+v", page)
	}
	for range keptChanges + 5 {
		k.add(Change{})
	}
	page, more := k.before(^uint64(0), keptChanges)
	if len(page) != keptChanges || more || page[0].Number != keptChanges+5 || page[keptChanges-1].Number != 6 {
		t.Errorf("%d changes, more: %v", len(page), more)
	}
	if page, more = k.before(9, 2); !more || page[0].Number != 8 || page[1].Number != 7 {
		t.Errorf("%+v", page)
	}
	if page, more = k.before(1, 2); len(page) != 0 || more {
		t.Errorf("%+v", page)
	}
}

func TestLongFieldsAreCut(t *testing.T) {
	var c Change
	if c.set("reason", string(make([]byte, 1000))); len(c.With["reason"]) != maxNotedBytes {
		t.Errorf("%d bytes are kept", len(c.With["reason"]))
	}
}
