package admin

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"momentum/server/auth"
)

func remove(path string) call { return call{method: "DELETE", path: path} }

func TestBansAreListedAndLifted(t *testing.T) {
	s, _ := newNode(t)
	b := &book{}
	h := withLedger(s, b)
	var ids []string
	for _, name := range []string{"a", "b", "c"} {
		id := auth.UserID(name).String()
		ids = append(ids, id)
		post("/ws/disconnect", `{"user_id":"`+id+`","ban_seconds":60}`).expect(t, h, "")
	}
	seen := 0
	for path := "/ws/bans?limit=2"; path != ""; {
		_, body, _ := call{path: path}.on(t, h)
		var page bansAnswer
		if err := json.Unmarshal([]byte(body), &page); err != nil || page.Count != 3 {
			t.Fatalf("%s: %s", path, body)
		}
		for _, row := range page.Bans {
			if seen++; row.Until == nil {
				t.Errorf("%+v", row)
			}
		}
		if path = ""; page.Next != nil {
			path = "/ws/bans?limit=2&after=" + page.Next.String()
		}
	}
	if seen != 3 {
		t.Errorf("the pages have %d bans", seen)
	}
	remove("/ws/bans/"+ids[0]).expect(t, h, "")
	remove("/ws/bans/"+ids[0]).expect(t, h, "not_banned")
	remove("/ws/bans/someone").expect(t, h, "bad_user_id")
	call{path: "/ws/bans?after=someone"}.expect(t, h, "bad_user_id")
	if len(b.records) != 2 {
		t.Errorf("the ledger has %v", b.records)
	}
	b.err = errors.New("away")
	remove("/ws/bans/"+ids[1]).expect(t, h, "not_recorded")
	if count, _ := s.Bans("", 9); count != 2 {
		t.Errorf("%d bans are in force, though the ledger has not lifted the second", count)
	}
}

func TestRevocationsAreListedAndLifted(t *testing.T) {
	s, _ := newNode(t)
	h := handlerOf(s, "")
	user := auth.UserID("a").String()
	post("/ws/revoke", `{"token_id":"a/token"}`).expect(t, h, "")
	post("/ws/revoke", `{"user_id":"`+user+`","issued_before":1700000000,"until":4102444800}`).expect(t, h, "")
	_, body, _ := call{path: "/ws/revocations"}.on(t, h)
	if want := `{"count":2,"revocations":[{"token_id":"a/token","until":null},{"user_id":"` + user + `","issued_before":"2023-11-14T22:13:20Z","until":"2100-01-01T00:00:00Z"}]}`; strings.TrimSpace(body) != want {
		t.Errorf("%s, want %s", body, want)
	}
	if _, body, _ = (call{path: "/ws/revocations?limit=1"}).on(t, h); !strings.HasSuffix(strings.TrimSpace(body), `"next":"token/a/token"}`) {
		t.Errorf("%s", body)
	}
	remove("/ws/revocations/token/a%2Ftoken").expect(t, h, "")
	remove("/ws/revocations/token/other").expect(t, h, "not_revoked")
	remove("/ws/revocations/user/"+user).expect(t, h, "")
	remove("/ws/revocations/user/"+user).expect(t, h, "not_revoked")
	remove("/ws/revocations/all").expect(t, h, "bad_revocation")
	remove("/ws/revocations/user/x").expect(t, h, "bad_user_id")
	if count, _ := s.Revocations("", 9); count != 0 {
		t.Errorf("%d are in force", count)
	}
}
