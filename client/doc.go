// Package client is a client of a Momentum server that comes back by itself, and loses nothing on the way.
//
//	c, err := client.Connect(ctx, "wss://chat.example/ws", client.Options{Token: token})
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	for m := range c.Messages() {
//		fmt.Printf("%s: %s\n", m.FromUsername, m.Data)
//	}
//
// # Connections
//
// Connect returns at once. The client then connects, and connects again after each end, until the context ends, Close is called, or the server says
// that another attempt makes no sense: the phases are Connecting, Open, Waiting and Closed, and each change is an event (State). A time that the
// server names, in Retry-After or in a close frame, is never undercut. Without one, the wait is random and its limit doubles, up to 30 seconds,
// until a connection has lasted 10 seconds. So a fleet of clients does not come back at once.
//
// A client that hears nothing for a minute asks the server for a sign of life. A program that knows of a sleep or another network calls Wake.
//
// # Messages
//
// Each connection resumes where the last one has ended: messages that were missed come first, each message is handed over once. Where that
// is not possible, the program is told, with a Resumed that is not resumed, or a Gap: it should then fetch the present state from its
// application.
//
// Messages and all other events wait in a queue until the program takes them, from Messages or Events, or until Options.Handler has been called for
// them. The client stops reading when the queue is full. So do not wait for an answer of the server while handling an event, unless
// few events can come: Post does not wait.
//
// Messages that the program sends (Post, Send, SendTo, Publish) are acknowledged by the server, and sent again after a reconnect until they
// are. The server delivers each once.
//
// # Tokens
//
// With Options.TokenFunc the client asks for a token only when it needs one, and replaces the token of an open connection before it expires.
//
// # Cost
//
// An idle client has one goroutine, and takes some 15 KB of memory (ws; TLS needs more). It has no compression.
//
// The rules are in docs/CLIENTS.md, and testdata has them as tables for this package and the JavaScript client.
package client
