package e2e

import (
	"encoding/json"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"momentum/server/auth"
)

// TestThreeClientsChat runs a conversation of three clients, and the administrator's calls on both ports.
func TestThreeClientsChat(t *testing.T) {
	s := serve(t)
	alice, bob, carol := s.chatter(t, "alice"), s.chatter(t, "bob"), s.chatter(t, "carol")
	alice.say("text Hello everyone!")
	bob.expect("Hello everyone!")
	carol.expect("Hello everyone!")
	bob.say("notification Deploy at noon")
	alice.expect("Deploy at noon")
	carol.say(`json {"id":"test","message_type":"ping","data":{},"timestamp":"2024-01-01T00:00:00Z"}`)
	carol.expect("pong")
	if strings.Contains(alice.text(), "Hello everyone!") {
		t.Error("a sender receives its own message")
	}

	for _, port := range []string{s.admin, s.ws} {
		base := "http://" + port
		status, body := ask(t, "GET", base+"/ws/online", "")
		var online struct {
			Count int
			Users []struct{ Username string }
		}
		if err := json.Unmarshal([]byte(body), &online); err != nil || status != 200 || online.Count != 3 || len(online.Users) != 3 {
			t.Fatalf("online on %s: %d %s (%v)", port, status, body, err)
		}
		status, body = ask(t, "GET", base+"/ws/stats", "")
		if status != 200 || !strings.Contains(body, `"total_connections":3`) || !strings.Contains(body, `"unique_users":3`) {
			t.Fatalf("stats on %s: %d %s", port, status, body)
		}
		status, body = ask(t, "POST", base+"/ws/broadcast", `{"message_type":"system_message","data":{"content":"via `+port+`"}}`)
		if status != 200 || !strings.Contains(body, `"success":true`) {
			t.Fatalf("broadcast on %s: %d %s", port, status, body)
		}
		for _, p := range []*process{alice, bob, carol} {
			p.expect("via " + port)
		}
		id := auth.UserID("bob@example.com").String()
		status, body = ask(t, "POST", base+"/ws/send", `{"to_user_id":"`+id+`","message_type":"notification","data":"for bob by `+port+`"}`)
		if status != 200 || !strings.Contains(body, `"success":true`) {
			t.Fatalf("send on %s: %d %s", port, status, body)
		}
		bob.expect("for bob by " + port)
		status, body = ask(t, "POST", base+"/ws/cleanup", "{}")
		if status != 200 || !strings.Contains(body, `"remaining_connections":3`) {
			t.Fatalf("cleanup on %s: %d %s", port, status, body)
		}
	}
	carol.say("quit")
	if code := carol.exit(); code != 0 {
		t.Errorf("quit exits with %d", code)
	}
	alice.expect("carol")
}

// TestSIGTERMDrains stops the server while clients are connected. Each client gets a close frame that asks it to
// reconnect, then the server exits with code 0.
func TestSIGTERMDrains(t *testing.T) {
	s := serve(t, "DRAIN_TIMEOUT=2")
	clients := []*process{s.chatter(t, "alice"), s.chatter(t, "bob")}
	for _, c := range clients {
		c.say("ping")
		c.expect("pong")
	}
	s.signal(syscall.SIGTERM)
	for _, c := range clients {
		c.expect("1012")
	}
	if code := s.exit(); code != 0 {
		t.Fatalf("the server exits with %d", code)
	}
}

// TestTheClientPrintsTheReasonOfARefusal checks that the client prints the reason of a refused handshake.
func TestTheClientPrintsTheReasonOfARefusal(t *testing.T) {
	s := serve(t)
	c := start(t, []string{"JWT_SECRET=another secret than the server has"}, bin+"/websocket_client",
		"--url", "ws://"+s.ws+"/ws", "--username", "eve", "--email", "eve@example.com")
	c.expect("Failed to connect")
	c.expect("401")
	if code := c.exit(); code == 0 {
		t.Error("a refused client exits with 0")
	}
}

// TestASilentAdminConnectionHoldsUpNothing opens connections that send nothing, and stops the server: it exits in time, with
// code 0.
func TestASilentAdminConnectionHoldsUpNothing(t *testing.T) {
	s := serve(t, "DRAIN_TIMEOUT=1")
	for _, addr := range []string{s.admin, s.ws} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	begun := time.Now()
	s.signal(syscall.SIGTERM)
	if code := s.exit(); code != 0 || time.Since(begun) > 5*time.Second {
		t.Fatalf("the server exits with %d after %v", code, time.Since(begun))
	}
}

// TestEveryInterface serves on 0.0.0.0 and connects over IPv4. Admin calls without a token are refused on that port, because it
// can be reached from outside.
func TestEveryInterface(t *testing.T) {
	s := serve(t, "HOST=0.0.0.0")
	_, port, _ := net.SplitHostPort(s.ws)
	s.ws = net.JoinHostPort("127.0.0.1", port)
	c := s.chatter(t, "alice")
	c.say("ping")
	c.expect("pong")
	if status, body := ask(t, "GET", "http://"+s.ws+"/ws/stats", ""); status != 403 || !strings.Contains(body, "not_local") {
		t.Errorf("an admin call on a public port: %d %s", status, body)
	}
	if status, _ := ask(t, "GET", "http://"+s.admin+"/ws/stats", ""); status != 200 {
		t.Errorf("an admin call on the admin port: %d", status)
	}
}

// TestDrainByCall drains without a signal: clients get the same close frames, and the node stays up, not ready, until
// a signal stops it.
func TestDrainByCall(t *testing.T) {
	s := serve(t, "DRAIN_TIMEOUT=2")
	alice := s.chatter(t, "alice")
	alice.say("ping")
	alice.expect("pong")
	if status, body := ask(t, "POST", "http://"+s.admin+"/ws/drain", "{}"); status != 200 || !strings.Contains(body, `"sessions":1`) {
		t.Fatalf("POST /ws/drain: %d %s", status, body)
	}
	alice.expect("1012")
	s.expect("drained")
	if status, body := ask(t, "GET", "http://"+s.admin+"/readyz", ""); status != 503 || !strings.Contains(body, `"status":"draining"`) {
		t.Errorf("/readyz of a drained node: %d %s", status, body)
	}
	if status, body := ask(t, "GET", "http://"+s.admin+"/metrics", ""); status != 200 || !strings.Contains(body, "\nmomentum_draining 1\n") {
		t.Errorf("/metrics of a drained node: %d %.200s", status, body)
	}
	if status, _ := ask(t, "GET", "http://"+s.admin+"/livez", ""); status != 200 {
		t.Errorf("/livez of a drained node: %d", status)
	}
	s.signal(syscall.SIGTERM)
	if code := s.exit(); code != 0 {
		t.Fatalf("the server exits with %d", code)
	}
}
