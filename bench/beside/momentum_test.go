package main

import "testing"

func TestOurClientAsksWithItsPosition(t *testing.T) {
	p := &position{}
	if got := string(ours{}.request(nil, "T", p)); got != "/ws?resume= HTTP/1.1\r\nAuthorization: Bearer T\r\n" {
		t.Errorf("%q", got)
	}
	got, _ := takes(t, ours{}, p, `{"message_type":"welcome","data":{"epoch":"e1","broadcast":7,"direct":2,"resumed":false}}`)
	expect(t, got, []outcome{{kind: isWelcome}})
	if got := string(ours{}.request(nil, "T", p)); got != "/ws?resume=e1.7.2 HTTP/1.1\r\nAuthorization: Bearer T\r\n" {
		t.Errorf("%q", got)
	}
	if text := (ours{}).greeting("T", p); text != nil {
		t.Errorf("it says %q", text)
	}
}

func TestOurMessagesMoveThePosition(t *testing.T) {
	p := &position{known: true, epochs: [2]string{"e1"}, numbers: [2]uint64{7, 2}}
	got, _ := takes(t, ours{}, p,
		`{"message_type":"welcome","data":{"epoch":"e1","broadcast":9,"direct":3,"resumed":true,"missed":1}}`,
		`{"id":"x","message_type":"text","data":{"content":"d5"},"from_user_id":"u","seq":3}`,
		`{"id":"x","message_type":"text","data":{"content":"b5"},"from_user_id":"u"}`,
		`{"message_type":"presence","data":{"joined":4}}`)
	expect(t, got, []outcome{{kind: isWelcome, recovered: true}, {content: "d5"}, {content: "b5"}})
	expect(t, p.numbers, [2]uint64{7, 3})
}

func TestOurServersAnswersAreRead(t *testing.T) {
	p := &position{}
	got, _ := takes(t, ours{}, p,
		`{"id":"12","message_type":"ack","data":{"seq":132,"online":true,"stored":true}}`,
		`{"id":"13","message_type":"ack","data":{"online":false,"stored":false}}`,
		`{"message_type":"error","data":{"code":"bus_unavailable","message":"later","ref_id":"14"}}`,
		`{"message_type":"gap","data":{"channel":"direct","from":3,"to":8}}`)
	expect(t, got, []outcome{
		{kind: isAck, ack: 12}, {kind: isRefusal, ack: 13, code: "ack without stored"},
		{kind: isRefusal, ack: 14, code: "error bus_unavailable"}, {kind: isAnnounced, code: "gap"},
	})
	expect(t, p.numbers, [2]uint64{0, 8})
	got, _ = takes(t, ours{}, p, `{"message_type":"position","data":{"epoch":"e2","broadcast":1,"direct":4}}`)
	expect(t, got, []outcome{{kind: isAnnounced, code: "position"}})
	expect(t, *p, position{known: true, epochs: [2]string{"e2"}, numbers: [2]uint64{1, 4}})
}

func TestOurMessagesAsTheyAreSent(t *testing.T) {
	expect(t, string(ours{}.message("", "b1", 0)), `{"id":"0","message_type":"text","data":{"content":"b1"}}`)
	expect(t, string(ours{}.message("u", "d1", 3)), `{"id":"3","message_type":"text","data":{"content":"d1"},"to_user_id":"u","ack":true}`)
	if (ours{}).echoes() {
		t.Error("our server sends a broadcast back")
	}
}
