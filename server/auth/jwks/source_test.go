package jwks

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"momentum/server/auth"
)

// issuer answers fetches as a test configures it.
type issuer struct {
	answer atomic.Pointer[[]byte] // nil: it is down
	asked  atomic.Int64
	hangs  atomic.Bool
	slow   atomic.Bool // a byte a second
}

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.asked.Add(1)
	if i.hangs.Load() {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	answer := i.answer.Load()
	if answer == nil {
		return nil, errors.New("connection refused")
	}
	var body io.Reader = bytes.NewReader(*answer)
	if i.slow.Load() {
		body = trickle{r.Context(), body}
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body)}, nil
}

// trickle returns a byte a second until its request is cancelled, as bodies of net/http do.
type trickle struct {
	ctx  context.Context
	from io.Reader
}

func (s trickle) Read(b []byte) (int, error) {
	select {
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	case <-time.After(time.Second):
		return s.from.Read(b[:1])
	}
}

func (i *issuer) shows(text []byte) { i.answer.Store(&text) }

// pair is a key pair of an issuer.
type pair struct {
	id      string
	public  ed25519.PublicKey
	private ed25519.PrivateKey
}

func newPair(t *testing.T, id string) pair {
	public, private := edKey(t)
	return pair{id, public, private}
}

func (p pair) jwk(t *testing.T) members { return jwk(t, p.id, p.public) }

// token returns a token signed by the pair.
func (p pair) token(t *testing.T) []byte {
	t.Helper()
	s, err := auth.PEMSigner(pemOf(t, p.private))
	if err != nil {
		t.Fatal(err)
	}
	s.KeyID = p.id
	token, err := s.Sign(auth.Claims{UserID: auth.UserID("a@example.com"), Username: "a", ExpiresAt: time.Now().Add(24 * time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	return []byte(token)
}

func code(v *auth.Verifier, token []byte) string {
	if _, fault := v.Verify(token); fault != nil {
		return fault.Code
	}
	return ""
}

// start starts a source that publishes its keys to a verifier.
func start(t *testing.T, i *issuer) (*Source, *auth.Verifier) {
	v := auth.NewVerifier(nil, auth.Options{Now: time.Now})
	v.SetFetched(nil)
	s := Start(Options{
		URL: "https://issuer.example/jwks", Publish: v.SetFetched, Missed: v.Missed(), Transport: i, Log: slog.New(slog.DiscardHandler), Seed: 1,
	})
	t.Cleanup(s.Close)
	return s, v
}

func TestKeysAreFetchedAgainAndReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, next := newPair(t, "old"), newPair(t, "next")
		var i issuer
		i.shows(set(t, old.jwk(t)))
		s, v := start(t, &i)
		if err := s.First(); err != nil || code(v, old.token(t)) != "" {
			t.Fatal(err)
		}
		i.shows(set(t, old.jwk(t), next.jwk(t)))
		pass(interval*9/10 - time.Second)
		if i.asked.Load() != 1 {
			t.Errorf("asked %d times before it was time", i.asked.Load())
		}
		pass(interval/5 + 2*time.Second)
		if code(v, old.token(t)) != "" || code(v, next.token(t)) != "" || i.asked.Load() != 2 {
			t.Errorf("asked %d times, and not both keys are good", i.asked.Load())
		}
		i.shows(set(t, next.jwk(t)))
		pass(interval * 11 / 10)
		if got := code(v, old.token(t)); got != "token_key_unknown" || code(v, next.token(t)) != "" {
			t.Errorf("taken back: %q", got)
		}
	})
}

// pass lets time pass in a bubble of synctest.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// TestUnknownKeysCauseFewFetches sends many tokens that name unknown keys.
func TestUnknownKeysCauseFewFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, next := newPair(t, "old"), newPair(t, "next")
		var i issuer
		i.shows(set(t, old.jwk(t)))
		s, v := start(t, &i)
		if err := s.First(); err != nil {
			t.Fatal(err)
		}
		forged := newPair(t, "forged").token(t)
		for range 60 { // a minute of them, each second
			if got := code(v, forged); got != "token_key_unknown" {
				t.Fatal(got)
			}
			pass(time.Second)
		}
		if asked := i.asked.Load(); asked < 6 || asked > 7 {
			t.Errorf("asked %d times in a minute", asked)
		}
		pass(rest)
		i.shows(set(t, old.jwk(t), next.jwk(t)))
		if got := code(v, next.token(t)); got != "token_key_unknown" {
			t.Fatal(got)
		}
		pass(rest)
		if got := code(v, next.token(t)); got != "" {
			t.Errorf("after the longest time to come back: %q", got)
		}
	})
}

func TestTheLastKeysStayWhileTheIssuerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newPair(t, "k")
		var i issuer
		i.shows(set(t, key.jwk(t)))
		s, v := start(t, &i)
		if err := s.First(); err != nil {
			t.Fatal(err)
		}
		for name, fail := range map[string]func(){
			"down": func() { i.answer.Store(nil) }, "hangs": func() { i.hangs.Store(true) },
			"slow": func() { i.shows(set(t, newPair(t, "slow").jwk(t))); i.slow.Store(true) },
			"HTML": func() { i.shows([]byte("<html>")) }, "empty": func() { i.shows([]byte(`{"keys":[]}`)) },
			"5 MB": func() { i.shows(bytes.Repeat([]byte(" "), 5<<20)) }, "cut off": func() { i.shows(set(t, key.jwk(t))[:30]) },
		} {
			before := s.Stats()
			i.hangs.Store(false)
			i.slow.Store(false)
			fail()
			pass(interval * 11 / 10)
			if after := s.Stats(); after.Failures == before.Failures || after.Keys != 1 || code(v, key.token(t)) != "" {
				t.Errorf("%s: %+v, then %+v", name, before, after)
			}
		}
		i.hangs.Store(false)
		i.slow.Store(false)
		other := newPair(t, "k") // under the same kid
		i.shows(set(t, other.jwk(t)))
		pass(34 * time.Second) // a retry and its tenth
		if code(v, key.token(t)) != "token_signature" || code(v, other.token(t)) != "" {
			t.Error("not fetched soon after the failures")
		}
	})
}

func TestStartWithoutAnIssuer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newPair(t, "k")
		var i issuer
		i.hangs.Store(true)
		s, v := start(t, &i)
		began := time.Now()
		if err := s.First(); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != patience {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if got := code(v, key.token(t)); got != "token_key_unknown" {
			t.Error(got)
		}
		i.hangs.Store(false)
		i.shows(set(t, key.jwk(t), key.jwk(t))) // the same twice
		pass(rest + time.Second)
		if got := code(v, key.token(t)); got != "" || s.Stats() != (Stats{Keys: 2, Fetches: 2, Failures: 1}) {
			t.Errorf("%q, %+v", got, s.Stats())
		}
	})
}

func TestCloseEndsAFetchUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.hangs.Store(true)
		s, _ := start(t, &i)
		synctest.Wait()
		began := time.Now()
		s.Close()
		if time.Since(began) != 0 || s.Stats().Failures != 0 {
			t.Errorf("closed after %v, %+v", time.Since(began), s.Stats())
		}
	})
}
