package main

import "testing"

const welcomeOfCentrifuge = `{"id":1,"connect":{"client":"c","subs":{"#u":{"recoverable":true,"epoch":"Eu","offset":4,"positioned":true},` +
	`"all":{"recoverable":true,"epoch":"Ea","offset":9,"positioned":true}},"ping":25,"pong":true}}`

func TestAClientOfCentrifugeConnectsWithItsPositions(t *testing.T) {
	p := &position{user: "u"}
	expect(t, string(centrifuge{}.request(nil, "T", p)), "/ws HTTP/1.1\r\n")
	expect(t, string(centrifuge{}.greeting("T", p)), `{"id":1,"connect":{"token":"T"}}`)
	got, _ := takes(t, centrifuge{}, p, welcomeOfCentrifuge)
	expect(t, got, []outcome{{kind: isWelcome}})
	expect(t, string(centrifuge{}.greeting("T", p)), `{"id":1,"connect":{"token":"T","subs":{"all":{"recover":true,"epoch":"Ea","offset":9},`+
		`"#u":{"recover":true,"epoch":"Eu","offset":4}}}}`)
}

func TestAWelcomeOfCentrifugeHasWhatWasMissed(t *testing.T) {
	p := &position{user: "u", known: true, epochs: [2]string{"Ea", "Eu"}, numbers: [2]uint64{9, 4}}
	got, _ := takes(t, centrifuge{}, p, `{"id":1,"connect":{"client":"c","subs":{"#u":{"recoverable":true,"epoch":"Eu","publications":[{"data":{"content":"d1"},"offset":5}],`+
		`"recovered":true,"offset":5,"positioned":true,"was_recovering":true},"all":{"epoch":"Ea","recovered":true,"offset":9}}}}`)
	expect(t, got, []outcome{{content: "d1"}, {kind: isWelcome, recovered: true}})
	expect(t, p.numbers, [2]uint64{9, 5})
	got, _ = takes(t, centrifuge{}, p, welcomeOfCentrifuge)
	expect(t, got, []outcome{{kind: isWelcome}})
}

func TestAFrameOfCentrifugeHasSeveralTexts(t *testing.T) {
	p := &position{user: "u", known: true, numbers: [2]uint64{9, 4}}
	got, answers := takes(t, centrifuge{}, p,
		`{"push":{"channel":"all","pub":{"data":{"content":"b07"},"info":{"user":"v","client":"c"},"offset":10}}}`+"\n"+
			`{"push":{"channel":"#u","pub":{"data":{"content":"d8"},"offset":5}}}`+"\n{}",
		`{"id":8,"publish":{}}`,
		`{"id":9,"error":{"code":100,"message":"internal server error","temporary":true}}`,
		`{"push":{"channel":"all","unsubscribe":{"code":2500,"reason":"insufficient state"}}}`)
	expect(t, got, []outcome{
		{content: "b07"}, {content: "d8"}, {kind: isAck, ack: 7}, {kind: isRefusal, ack: 8, code: "error 100"}, {kind: isAnnounced, code: "unsubscribe"},
	})
	expect(t, answers, []string{"{}"})
	expect(t, p.numbers, [2]uint64{10, 5})
}

func TestATextThatIsNoneOfCentrifugeIsAnError(t *testing.T) {
	for _, bad := range []string{"", "x", `{"push":{`} {
		_, err := centrifuge{}.take([]byte(bad), "", &position{}, func(*event) error { return nil })
		if (err == nil) != (bad == "") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestMessagesToCentrifugeAsTheyAreSent(t *testing.T) {
	expect(t, string(centrifuge{}.message("", "b1", 0)), `{"send":{"data":{"to":"all","data":{"content":"b1"}}}}`)
	expect(t, string(centrifuge{}.message("u", "d1", 7)), `{"id":8,"publish":{"channel":"#u","data":{"content":"d1"}}}`)
	if !(centrifuge{}).echoes() {
		t.Error("a sender is taken to get nothing")
	}
}
