package admin

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
)

// NewHTTPServer returns a server for the handler with every time and size bounded.
func NewHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           once(h),
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

// bindKey is under which a request's context has the address its listener is bound to.
type bindKey struct{}

func withBind(addr net.Addr) context.Context {
	ctx := context.WithValue(context.Background(), bindKey{}, addr.String())
	if _, marked := addr.(handedOver); marked {
		ctx = context.WithValue(ctx, handedOverKey{}, true)
	}
	return ctx
}

// handedOverKey is under which a request's context says that its connection came to the WebSocket port.
type handedOverKey struct{}

// once answers one request of a connection that was handed over. Places for those are few and anybody can take them;
// whoever kept one for as long as an idle connection may last would keep it from all others.
func once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(handedOverKey{}) != nil {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// proxiedKey is under which a request's context says that it came over a connection that is Proxied.
type proxiedKey struct{}

func withProxied(ctx context.Context, c net.Conn) context.Context {
	_, marked := c.RemoteAddr().(proxyAddr)
	return context.WithValue(ctx, proxiedKey{}, marked)
}

// CheckBind refuses an admin address that others can reach while nothing protects it.
func CheckBind(addr, token string) error {
	if token != "" {
		return nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("ADMIN_ADDR %q is no address: write host:port, such as 127.0.0.1:8001", addr)
	}
	if loopbackName(host) {
		return nil
	}
	return fmt.Errorf("ADMIN_ADDR %s can be reached from other hosts and ADMIN_TOKEN is not set: "+
		"set ADMIN_TOKEN, or use a loopback address such as 127.0.0.1:8001", addr)
}
