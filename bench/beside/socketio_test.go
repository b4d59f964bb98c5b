package main

import "testing"

func TestAClientOfSocketIOAsksForItsSession(t *testing.T) {
	p := &position{}
	expect(t, string(socketIO{}.request(nil, "T", p)), "/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n")
	got, answers := takes(t, socketIO{}, p, `0{"sid":"engine","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`,
		`40{"sid":"s1","pid":"p1"}`)
	expect(t, got, []outcome{{kind: isWelcome}})
	expect(t, answers, []string{`40{"token":"TOKEN"}`})
	got, answers = takes(t, socketIO{}, p, `42["message",{"from":"u","data":{"content":"d1"}},"1700000000000-3"]`, "0{}")
	expect(t, got, []outcome{{content: "d1"}})
	expect(t, answers, []string{`40{"token":"TOKEN","pid":"p1","offset":"1700000000000-3"}`})
}

func TestASessionOfSocketIOIsTheSameOrAnotherOne(t *testing.T) {
	p := &position{session: "p1", offset: "1-0", known: true}
	got, _ := takes(t, socketIO{}, p, `42["message",{"from":"u","data":{"content":"d2"}},"2-0"]`, `40{"sid":"s1","pid":"p1"}`, `40{"sid":"s2","pid":"p2"}`)
	expect(t, got, []outcome{{content: "d2"}, {kind: isWelcome, recovered: true}, {kind: isWelcome}})
	expect(t, p.session+" "+p.offset, "p2 2-0")
}

func TestPacketsOfSocketIOAreRead(t *testing.T) {
	p := &position{}
	got, answers := takes(t, socketIO{}, p, "2", "431[]", `44{"message":"unauthorized"}`, "41", "", "6", `42["message",{"data":{"content":"b1"}}]`)
	expect(t, got, []outcome{
		{kind: isAck, ack: 1}, {kind: isRefusal, code: "connect_error unauthorized"}, {kind: isAnnounced, code: "disconnect"}, {content: "b1"},
	})
	expect(t, answers, []string{"3"})
	if p.offset != "" {
		t.Errorf("the offset is %q", p.offset)
	}
}

func TestMessagesToSocketIOAsTheyAreSent(t *testing.T) {
	expect(t, string(socketIO{}.message("", "b1", 0)), `42["send","",{"content":"b1"}]`)
	expect(t, string(socketIO{}.message("u", "d1", 12)), `4212["send","u",{"content":"d1"}]`)
	if !(socketIO{}).echoes() || (socketIO{}).greeting("T", &position{}) != nil {
		t.Error("a client of Socket.IO speaks first, or hears nothing of its own")
	}
}
