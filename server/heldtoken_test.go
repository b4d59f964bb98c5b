package server

import (
	"math"
	"testing"
	"time"

	"momentum/netpoll"
	"momentum/server/auth"
)

// TestTheFirstClockToReachATokensEndCounts covers a host that was suspended, and clocks that were set.
func TestTheFirstClockToReachATokensEndCounts(t *testing.T) {
	const second = int32(time.Second / netpoll.TickLength)
	taken := time.Unix(1_700_000_000, 0)
	hour := int64(time.Hour / time.Second)
	token := holdToken(&auth.Claims{ExpiresAt: taken.Unix() + hour, IssuedAt: 5}, 7, 1000, taken)
	life := int32(hour)*second + int32(auth.Leeway/netpoll.TickLength)
	for name, tt := range map[string]struct {
		ticks, wall time.Duration // since the token was taken
		want        int32
	}{
		"at once":                         {0, 0, life},
		"after half an hour":              {time.Hour / 2, time.Hour / 2, life - int32(hour)/2*second},
		"the leeway is left":              {time.Hour, time.Hour, int32(auth.Leeway / netpoll.TickLength)},
		"over":                            {time.Hour + auth.Leeway, time.Hour + auth.Leeway, 0},
		"suspended for half an hour":      {0, time.Hour / 2, life - int32(hour)/2*second},
		"suspended for longer":            {time.Minute, 2 * time.Hour, life - 2*int32(hour)*second},
		"set back":                        {time.Hour / 2, -time.Hour, life - int32(hour)/2*second},
		"set back by years":               {2 * time.Hour, -50 * 365 * 24 * time.Hour, life - 2*int32(hour)*second},
		"set forward by decades":          {0, 60 * 365 * 24 * time.Hour, -longestLife},
		"set forward by two milliseconds": {0, 2 * time.Millisecond, life - 1},
	} {
		tick := 1000 + uint32(tt.ticks/netpoll.TickLength)
		if got := token.left(tick, taken.Add(tt.wall)); got != tt.want {
			t.Errorf("%s: %d ticks left, want %d", name, got, tt.want)
		}
	}
	if token.hash != 7 || token.issued != 5 || token.warning != uint16(ticks(expiryWarning)) {
		t.Errorf("held %+v", token)
	}
}

// TestTokensOfUnusualDates: the longest life there is, one that is over, and no iat.
func TestTokensOfUnusualDates(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for name, tt := range map[string]struct {
		exp, iat int64
		left     int32
		warning  uint16
		issued   uint32
	}{
		"the year 9999":       {auth.MaxUnixSeconds, auth.MaxUnixSeconds, longestLife, uint16(ticks(expiryWarning)), math.MaxUint32},
		"within the leeway":   {now.Unix() - 20, 0, 100, 50, 0},
		"over with its check": {now.Unix() - 30, 0, 0, 0, 0},
		"over long ago":       {0, 0, -longestLife, 0, 0},
	} {
		token := holdToken(&auth.Claims{ExpiresAt: tt.exp, IssuedAt: tt.iat}, noToken, math.MaxUint32-5, now)
		if got := token.left(math.MaxUint32-5, now); got != tt.left || token.warning != tt.warning || token.issued != tt.issued {
			t.Errorf("%s: %d ticks left, %+v", name, got, token)
		}
	}
}
