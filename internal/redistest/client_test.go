package redistest

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestEveryKindOfAnswerIsRead(t *testing.T) {
	s := Start(t)
	big := strings.Repeat("ü\r\n", 100_000)
	for _, tt := range []struct {
		args []string
		want any
	}{
		{[]string{"PING"}, "PONG"},
		{[]string{"SET", "text", big}, "OK"},
		{[]string{"GET", "text"}, big},
		{[]string{"SET", "empty", ""}, "OK"},
		{[]string{"GET", "empty"}, ""},
		{[]string{"GET", "nothing"}, nil},
		{[]string{"INCRBY", "n", "-7"}, int64(-7)},
		{[]string{"MGET", "n", "nothing"}, []any{"-7", nil}},
		{[]string{"KEYS", "none*"}, []any{}},
		{[]string{"EVAL", "return {1, {'a'}, redis.error_reply('ERR inside')}", "0"}, []any{int64(1), []any{"a"}, Refused("ERR inside")}},
	} {
		if got := s.Do(t, tt.args...); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%.60q: %.60q, not %.60q", tt.args, got, tt.want)
		}
	}
	_, err := s.Try("NONSENSE")
	if refused, ok := errors.AsType[Refused](err); !ok || !strings.HasPrefix(string(refused), "ERR unknown command") {
		t.Errorf("the error is %v", err)
	}
}

func TestAConnectionReceivesTheMessagesOfASubscription(t *testing.T) {
	s := Start(t)
	c, err := Dial(s.URL(), nil)
	must(t, err)
	defer c.Close()
	if got, err := c.Do("SUBSCRIBE", "news"); !reflect.DeepEqual(got, []any{"subscribe", "news", int64(1)}) {
		t.Fatal(got, err)
	}
	if _, err := c.Receive(10 * time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("without a message: %v", err)
	}
	if n := s.Do(t, "PUBLISH", "news", "first"); n != int64(1) {
		t.Errorf("%v subscribers", n)
	}
	if got, err := c.Receive(patience); !reflect.DeepEqual(got, []any{"message", "news", "first"}) {
		t.Errorf("%v, %v", got, err)
	}
}
