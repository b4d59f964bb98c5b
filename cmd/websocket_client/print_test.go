package main

import (
	"testing"
	"time"
)

func TestMessagesArePrintedOnOneLine(t *testing.T) {
	const stamp = `"timestamp":"2024-01-01T12:30:45.5Z"`
	for name, tt := range map[string]struct{ payload, want string }{
		"text":              {`{"id":"1","message_type":"text","data":{"content":"hi"},` + stamp + `,"from_user_id":"u-1"}`, "13:30:45 text from u-1: hi"},
		"direct text":       {`{"id":"1","message_type":"text","data":{"content":"hi"},` + stamp + `,"from_user_id":"u-1","to_user_id":"u-2"}`, "13:30:45 text to you from u-1: hi"},
		"notification":      {`{"id":"1","message_type":"notification","data":{"content":"noon"},` + stamp + `}`, "13:30:45 notification: noon"},
		"system":            {`{"id":"1","message_type":"system_message","data":"down at noon",` + stamp + `}`, `13:30:45 system_message: "down at noon"`},
		"other data":        {`{"id":"1","message_type":"text","data":{"a": [1, 2]},` + stamp + `}`, `13:30:45 text: {"a":[1,2]}`},
		"no data":           {`{"id":"1","message_type":"text",` + stamp + `}`, `13:30:45 text:`},
		"pong":              {`{"id":"p-1","message_type":"pong","data":{"n":1},` + stamp + `}`, `13:30:45 pong: p-1 {"n":1}`},
		"joined":            {`{"id":"1","message_type":"user_joined","data":{"user_id":"u-1","username":"alice"},` + stamp + `}`, "13:30:45 user_joined: alice (u-1)"},
		"left":              {`{"id":"1","message_type":"user_left","data":{"user_id":"u-1","username":"alice"},` + stamp + `}`, "13:30:45 user_left: alice (u-1)"},
		"many joined":       {`{"id":"1","message_type":"user_joined","data":{"count":7},` + stamp + `}`, `13:30:45 user_joined: {"count":7}`},
		"error":             {`{"id":"1","message_type":"error","data":{"code":"rate_limited","message":"slow down","ref_id":"r-1"},` + stamp + `}`, "13:30:45 error: rate_limited, slow down (message r-1)"},
		"expiring":          {`{"id":"1","message_type":"token_expiring","data":{"expires_at":"2024-01-01T12:31:45Z","seconds":60},` + stamp + `}`, `13:30:45 token_expiring: the connection ends in 60 seconds, at 2024-01-01T12:31:45Z, unless you send another token: json {"message_type":"refresh","data":{"token":"..."}}`},
		"refreshed":         {`{"id":"r","message_type":"refreshed","data":{"expires_at":"2024-01-02T12:31:45Z"},` + stamp + `}`, "13:30:45 refreshed: the new token is valid until 2024-01-02T12:31:45Z"},
		"life of no kind":   {`{"id":"r","message_type":"refreshed","data":{"for":"ever"},` + stamp + `}`, `13:30:45 refreshed: {"for":"ever"}`},
		"numbered":          {`{"id":"1","message_type":"text","data":{"content":"hi"},` + stamp + `,"from_user_id":"u-1","from_username":"alice","seq":12}`, "13:30:45 text from u-1: hi (seq 12)"},
		"welcome":           {`{"id":"1","message_type":"welcome","data":{"epoch":"k3x9","broadcast":120,"direct":7,"resumed":true,"missed":4},` + stamp + `}`, "13:30:45 welcome: resumed, 4 missed messages; the position is k3x9.120.7"},
		"not resumed":       {`{"id":"1","message_type":"welcome","data":{"epoch":"k3x9","broadcast":120,"direct":7,"resumed":false,"reason":"epoch"},` + stamp + `}`, "13:30:45 welcome: not resumed (epoch); the position is k3x9.120.7"},
		"odd welcome":       {`{"id":"1","message_type":"welcome","data":[1],` + stamp + `}`, "13:30:45 welcome: [1]"},
		"gap":               {`{"id":"1","message_type":"gap","data":{"channel":"broadcast","from":3,"to":9},` + stamp + `}`, "13:30:45 gap: messages 3 to 9 of channel broadcast are lost"},
		"position":          {`{"id":"1","message_type":"position","data":{"epoch":"k3x9","broadcast":3,"direct":9},` + stamp + `}`, "13:30:45 position: k3x9.3.9; messages may be missing, or come a second time"},
		"topic's position":  {`{"id":"1","message_type":"position","data":{"topic":"news","seq":7,"epoch":"k3x9"},` + stamp + `}`, "13:30:45 position: 7 of topic news, epoch k3x9; messages may be missing, or come a second time"},
		"ack":               {`{"id":"a1","message_type":"ack","data":{"seq":5,"online":true,"stored":true},` + stamp + `}`, "13:30:45 ack: a1, number 5, online true, stored true"},
		"unknown type":      {`{"id":"1","message_type":"weather","data":{}}`, `{"id":"1","message_type":"weather","data":{}}`},
		"not an envelope":   {`{"id":7}`, `{"id":7}`},
		"not JSON":          {"boo\n", "boo"},
		"no timestamp":      {`{"message_type":"text","data":{"content":"hi"}}`, "09:00:00 text: hi"},
		"steers a terminal": {`{"message_type":"text","data":{"content":"\u001b[2J\r\nfake\u009b \u202eabc\u2028."},` + stamp + `}`, `13:30:45 text: \x1b[2J\r\nfake\u009b \u202eabc\u2028.`},
		"sender steers":     {`{"message_type":"text","data":{"content":"hi"},"from_user_id":"\u0007",` + stamp + `}`, `13:30:45 text from \a: hi`},
		"other languages":   {`{"message_type":"text","data":{"content":"Zoë 👩‍🚀 שלום"},` + stamp + `}`, "13:30:45 text: Zoë 👩‍🚀 שלום"},
	} {
		t.Run(name, func(t *testing.T) {
			at := time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC)
			if got := describe([]byte(tt.payload), at, time.FixedZone("", 3600)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
