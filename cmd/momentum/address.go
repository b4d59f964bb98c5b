package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"momentum/internal/adminapi"
	"momentum/internal/config"
)

// askedPatience limits the wait for an answer when an address in use is asked whether momentum listens there.
const askedPatience = time.Second

// listenSetting is the name of the setting for the WebSocket address.
func listenSetting(c *config.Config) string {
	if c.Addr != "" {
		return "--addr"
	}
	return "HOST and PORT (--host, --port)"
}

const adminSetting = "ADMIN_ADDR (--admin-addr)"

// listenFault returns why an address cannot be served. Only missing permission is permanent: a name may begin to
// resolve, an interface may come up, a port may become free.
func listenFault(setting, addr string, err error) error {
	host, port, _ := net.SplitHostPort(addr)
	var name *net.DNSError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &name):
		return fmt.Errorf("%s: the name %s cannot be resolved (%s): write an address of this host, such as 127.0.0.1, or 0.0.0.0 for all of them",
			setting, host, name.Err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s: this host has no address %s: write one of its own, or 0.0.0.0 for all of them", setting, host)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: %s is in use: end what listens there, or write another port", setting, addr)
	case errors.Is(err, syscall.EACCES):
		return wrongSettings(fmt.Errorf("%s: this user may not listen on port %s: write a port above 1023, or grant CAP_NET_BIND_SERVICE", setting, port))
	}
	return fmt.Errorf("%s: %s cannot be served: %w", setting, addr, err)
}

// isMomentum reports whether a momentum server listens on an address of this host.
func isMomentum(addr string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), askedPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+adminapi.Reachable(addr)+"/livez", nil)
	if err != nil {
		return false
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	var said struct{ Parts map[string]string }
	return json.NewDecoder(answer.Body).Decode(&said) == nil && said.Parts["reactors"] != ""
}
