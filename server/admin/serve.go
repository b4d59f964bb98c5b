package admin

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// NewHTTPServer returns a server for the handler with every time and size bounded. now is the clock.
func NewHTTPServer(h http.Handler, log *slog.Logger, now func() time.Time) *http.Server {
	return &http.Server{
		Handler:           brief(h, now),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext:       func(l net.Listener) context.Context { return withBind(l.Addr()) },
		ConnContext:       withProxied,
	}
}

// bindKey is the key of the listener's address in a request's context.
type bindKey struct{}

func withBind(addr net.Addr) context.Context {
	ctx := context.WithValue(context.Background(), bindKey{}, addr.String())
	if _, marked := addr.(handedOver); marked {
		ctx = context.WithValue(ctx, handedOverKey{}, true)
	}
	return ctx
}

// brief ends connections that would hold their place longer than their request needs.
//
// A handed-over connection is answered once: there are few places for them, any client can take one, and an idle connection
// would keep its place. On either port, a connection ends with a request whose body the handler does not read. net/http
// would wait for such a body as long as for any other, so the read deadline is shortened; only where the connection ends,
// because net/http treats a read that times out as the end of the connection.
func brief(next http.Handler, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handedOver := r.Context().Value(handedOverKey{}) != nil
		if handedOver || announcesBody(r) && r.Method != http.MethodPost {
			closeAfterAnswer(w)
		}
		next.ServeHTTP(w, r)
		if announcesBody(r) && w.Header().Get("Connection") == "close" {
			_ = http.NewResponseController(w).SetReadDeadline(now().Add(unreadBodyTimeout))
		}
	})
}

// proxiedKey is the key that marks a request of a Proxied connection in its context.
type proxiedKey struct{}

func withProxied(ctx context.Context, c net.Conn) context.Context {
	_, marked := c.RemoteAddr().(proxyAddr)
	return context.WithValue(ctx, proxiedKey{}, marked)
}

// CheckBind refuses an admin address that other hosts can reach if there is no ADMIN_TOKEN.
func CheckBind(addr, token string) error {
	if token != "" {
		return nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("ADMIN_ADDR %q is not an address: write host:port, such as 127.0.0.1:8001", addr)
	}
	if loopbackName(host) {
		return nil
	}
	return fmt.Errorf("other hosts can reach ADMIN_ADDR %s, and ADMIN_TOKEN is not set: "+
		"set ADMIN_TOKEN, or use a loopback address such as 127.0.0.1:8001", addr)
}
