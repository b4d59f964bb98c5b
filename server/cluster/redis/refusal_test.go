package redis

import (
	"context"
	"errors"
	"testing"

	"momentum/internal/redistest"
)

func TestRefusalsEndTheAttachmentIfTheServerIsAnother(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	d := &dialer{target: &target{}, lost: func(error) {}}
	client, err := d.client(s.Addr(), 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for text, want := range map[string]bool{
		"EPOCH the data are others": true, "READONLY You can't write": true, "MOVED 1 h:1": true, "LOADING wait": true,
		"OOM command not allowed": false, "NOPERM no": false, "ERR wrong": false, "MISCONF disk": false,
	} {
		refused := client.Do(context.Background(), client.B().Eval().Script("return redis.error_reply(ARGV[1])").Numkeys(0).Arg(text).Build()).Error()
		if refused == nil || isFatal(refused) != want {
			t.Errorf("%v: %v", refused, !want)
		}
	}
	if isFatal(nil) || !isFatal(errors.New("EOF")) {
		t.Error("the end of a connection does not end the attachment, or no error does")
	}
}
