package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/coder/websocket"

	"momentum/client"
)

// node answers as a Momentum server does: with a welcome, and each message with an ack, after which a user answers.
func node() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"momentum"}})
		if err != nil {
			return
		}
		defer ws.CloseNow()
		say := func(text string) { _ = ws.Write(r.Context(), websocket.MessageText, []byte(text)) }
		say(`{"message_type":"welcome","data":{"epoch":"k3x9","broadcast":0,"direct":0,"resumed":false,"reason":"new"}}`)
		for {
			_, payload, err := ws.Read(r.Context())
			if err != nil {
				return
			}
			var m struct{ ID string }
			_ = json.Unmarshal(payload, &m)
			say(fmt.Sprintf(`{"id":%q,"message_type":"ack","data":{"seq":1,"online":true,"stored":true}}`, m.ID))
			say(`{"id":"b1","message_type":"text","data":{"content":"hello yourself"},"from_username":"bob","seq":2}`)
		}
	}))
}

func Example() {
	server := node()
	defer server.Close()
	c, err := client.Connect(context.Background(), server.URL+"/ws", client.Options{Token: "TOKEN"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ack, err := c.Send(ctx, map[string]string{"content": "hello"})
	fmt.Println("number", ack.Seq, err)

	for m := range c.Messages() {
		fmt.Printf("%s: %s\n", m.FromUsername, m.Data)
		break
	}
	// Output:
	// number 1 <nil>
	// bob: {"content":"hello yourself"}
}

// A program that must know when it may have missed something looks at all events.
func ExampleClient_Events() {
	server := node()
	defer server.Close()
	c, err := client.Connect(context.Background(), server.URL, client.Options{Token: "TOKEN"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for e := range c.Events() {
		switch e := e.(type) {
		case client.State:
			fmt.Println(e.Phase)
			if e.Phase == client.Open {
				go c.Close()
			}
		case client.Message:
			fmt.Println("a message:", e.Data)
		case client.Resumed:
			if !e.Resumed {
				fmt.Println("ask the application for what has changed:", e.Reason)
			}
		case client.Gap:
			fmt.Println("ask the application for the messages", e.From, "to", e.To)
		case *client.Error:
			fmt.Println("the server complains:", e)
		}
	}
	// Output:
	// connecting
	// open
	// closed
}
