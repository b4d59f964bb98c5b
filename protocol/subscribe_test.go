package protocol

import (
	"fmt"
	"strings"
	"testing"
)

func TestSubscriptionsInAMessage(t *testing.T) {
	for data, want := range map[string]string{
		`{"topics":["news"]}`: "[{news  0 false false true}]",
		`{"topics":["news",{"topic":"room.7","seq":33,"epoch":"k3x9"},{"topic":"r","presence":true}]}`:                                                                                             "[{news  0 false false true} {room.7 k3x9 33 true false true} {r  0 false true true}]",
		`{"topics":["a b",{"topic":1},{"topic":"r","seq":-1},{"topic":"r","seq":1.5},{"topic":"r","seq":"1"},{"topic":"r","epoch":""},{"topic":"r","epoch":1},{"topic":"r","presence":1},7,null]}`: "invalid",
	} {
		var p EnvelopeParser
		list, ok := p.Subscriptions([]byte(data), nil)
		if want == "invalid" {
			for _, s := range list {
				if s.Valid {
					t.Errorf("%+v is valid", s)
				}
			}
		} else if !ok || fmt.Sprint(list) != want {
			t.Errorf("%s: %v, %v", data, list, ok)
		}
	}
	many := `{"topics":["a"` + strings.Repeat(`,"a"`, MaxTopicsAtOnce) + `]}`
	for _, data := range []string{"", `null`, `[]`, `{}`, `{"topics":[]}`, `{"topics":"news"}`, `{"topics":{"topic":"news"}}`, many} {
		var p EnvelopeParser
		if _, ok := p.Subscriptions([]byte(data), nil); ok {
			t.Errorf("%.60s is accepted", data)
		}
	}
}

// FuzzSubscriptions holds that a subscription which is valid names a valid topic and epoch.
func FuzzSubscriptions(f *testing.F) {
	for _, seed := range []string{`{"topics":["news",{"topic":"room.7","seq":33,"epoch":"k3x9"}]}`, `{"topics":[{"topic":"a","presence":true,"seq":1e3}]}`, `{"topics":[[]]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p EnvelopeParser
		list, ok := p.Subscriptions(data, nil)
		if ok != (len(list) > 0) || len(list) > MaxTopicsAtOnce {
			t.Errorf("%q: %d subscriptions, %v", data, len(list), ok)
		}
		for _, s := range list {
			if s.Valid && (!ValidTopic(s.Topic) || s.Epoch != "" && !validEpoch([]byte(s.Epoch))) {
				t.Errorf("%q: %+v is valid", data, s)
			}
		}
	})
}
