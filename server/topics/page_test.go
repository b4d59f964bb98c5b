package topics

import (
	"fmt"
	"testing"
)

func TestPagesListEachTopicOnce(t *testing.T) {
	r := New(1, limits, 1<<20, 0, 1)
	for i := range 1000 {
		topic := r.Subscribe(fmt.Appendf(nil, "topic%03d", i), 0, ignore)
		if i%10 == 0 {
			r.Unsubscribe(topic, 0, 0)
		}
	}
	n, after := 0, ""
	for page := r.Page(after, 77); len(page) > 0; page = r.Page(after, 77) {
		for _, row := range page {
			if n%10 == 0 {
				n++ // nobody is subscribed to these
			}
			if want := fmt.Sprintf("topic%03d", n); row.Topic != want || row.Subscribers != 1 {
				t.Fatalf("%+v, want %s", row, want)
			}
			n++
			after = row.Topic
		}
	}
	if n != 1000 {
		t.Errorf("the pages end after %d", n)
	}
}
