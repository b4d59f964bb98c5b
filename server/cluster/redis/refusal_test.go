package redis

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
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

func TestFaultsAreLoggedOnceForAllLinesOfScripts(t *testing.T) {
	var log bytes.Buffer
	var f faults
	for _, text := range []string{"full script: a, on @user_script:1.", "full script: a, on @user_script:2.", "", "full", "forbidden", "full"} {
		var err error
		if text != "" {
			err = errors.New(text)
		}
		f.warn(slog.New(slog.NewTextHandler(&log, nil)), "refused", err)
	}
	if lines := strings.Count(log.String(), "\n"); lines != 4 || !strings.Contains(log.String(), "script:1") {
		t.Errorf("%d lines:\n%s", lines, log.String())
	}
}
