package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	momentum "momentum/client"
)

func TestUsersAreFoundByNameOrID(t *testing.T) {
	const alice, bob, other = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333"
	var p people
	for _, text := range []string{
		`{"message_type":"text","from_user_id":"` + alice + `","from_username":"alice"}`,
		`{"message_type":"user_joined","data":{"user_id":"` + bob + `","username":"bob"}}`,
		`{"message_type":"user_joined","data":7}`,
	} {
		var m message
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		p.see(&m)
	}
	p.add(momentum.User{ID: other, Name: "Bob"}, momentum.User{})
	for _, tt := range []struct {
		user, id string
		known    bool
		fault    string
	}{
		{"alice", alice, true, ""},
		{"ALICE", alice, true, ""},
		{other, other, true, ""},
		{"carol", "", false, ""},
		{"bob", "", true, bob + " or " + other},
	} {
		id, known, err := p.find(tt.user)
		if id != tt.id || known != tt.known || (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
			t.Errorf("%s: %q, %v, %v", tt.user, id, known, err)
		}
	}
	if got := p.sorted(); !slices.Equal(got, []string{"Bob", "alice", "bob"}) {
		t.Error(got)
	}
}
