package top

import (
	"strings"
	"testing"

	"momentum/server/host"
	"momentum/server/storm"
)

func TestStatesHaveTones(t *testing.T) {
	for state, want := range map[storm.State]tone{storm.Calm: good, storm.Recovering: caution, storm.Storm: bad} {
		v := sample()
		v.Storm.State = state
		if got := stormItems(v)[0]; got.tone != want || !strings.HasPrefix(got.text, strings.ToUpper(string(state))) {
			t.Errorf("%+v", got)
		}
	}
	for _, tt := range []struct {
		bus, health      string
		wantBus, wantAll tone
	}{
		{"healthy", `{"status":"ok","parts":{"reactors":"ok"}}`, good, good},
		{"slow", `{"status":"unavailable","parts":{"reactors":"stuck"}}`, caution, bad},
		{"local", `{"status":"unavailable","parts":{"reactors":"ok"}}`, bad, bad},
	} {
		v := sample()
		v.Bus, v.Health = tt.bus, []byte(tt.health)
		items := partItems(v)
		if items[0].tone != tt.wantBus || items[1].tone != tt.wantAll || (items[2].tone == bad) != strings.Contains(tt.health, "stuck") {
			t.Errorf("%s: %+v", tt.bus, items)
		}
	}
}

func TestALimitThatIsNearHasATone(t *testing.T) {
	for _, tt := range []struct {
		level host.Level
		want  tone
	}{
		{host.Level{Now: 89, Highest: 89, Limit: 100}, plain}, {host.Level{Now: 89, Highest: 90, Limit: 100}, caution},
		{host.Level{Now: 90, Highest: 90, Limit: 100}, bad}, {host.Level{Now: 90, Highest: 90}, plain},
	} {
		if got := levelTone(&tt.level); got != tt.want {
			t.Errorf("%+v has the tone %d, want %d", tt.level, got, tt.want)
		}
	}
}

// TestColoursLeaveTheWordsAsTheyAre: the codes are the only difference.
func TestColoursLeaveTheWordsAsTheyAre(t *testing.T) {
	for _, m := range []Model{storming(), draining(), storming().Cut("gone", noon), storming().Unlisted("late")} {
		colourless := m.Text(80, 24)
		m.Coloured = true
		text := m.Text(80, 24)
		if !strings.Contains(text, "\x1b[1;31m") && !strings.Contains(text, "\x1b[33m") {
			t.Errorf("no state has a colour:\n%q", text)
		}
		for _, code := range colours {
			text = strings.ReplaceAll(text, "\x1b["+code+"m", "")
		}
		if text != colourless {
			t.Errorf("with colours:\n%q\nwithout:\n%q", text, colourless)
		}
	}
}
