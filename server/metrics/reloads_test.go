package metrics

import (
	"log/slog"
	"net/http/httptest"
	"testing"
)

func TestARefusedReloadIsShown(t *testing.T) {
	s, _, _ := serve(t)
	handler, err := NewHandler(Options{Server: s, Log: slog.New(slog.DiscardHandler), Reloads: func() Reloads { return Reloads{Taken: 2, Refused: 1, Failed: true} }})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(handler)
	defer h.Close()
	families := scrape(t, h.URL)
	all := families["momentum_reloads_total"]
	if taken, refused := sum(all, []string{"outcome=taken"}), sum(all, []string{"outcome=refused"}); taken != 2 || refused != 1 || sum(families["momentum_reload_failed"], nil) != 1 {
		t.Errorf("%v taken, %v refused, failed %v", taken, refused, families["momentum_reload_failed"])
	}
}
