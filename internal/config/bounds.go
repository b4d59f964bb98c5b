package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"momentum/netpoll"
	"momentum/server/admin"
	"momentum/server/admit"
	"momentum/server/directory/postgres"
)

// Bounds of the settings. A value outside them is a mistake.
const (
	// HighestConnections is the number of slots that a connection's handle can name.
	HighestConnections = 1 << 24

	// highestRate, in messages a second, is more than one core can read from one connection.
	highestRate = 1_000_000

	// lowestMessageBytes leaves room for a message's own fields (some 300 bytes) and a sentence.
	lowestMessageBytes = 1 << 10

	// highestMessageBytes keeps two messages within the queue of one receiver; a single message above that would
	// close all its receivers.
	highestMessageBytes = 512 << 10

	// highestPort is the largest number in the two bytes of a TCP header.
	highestPort = 1<<16 - 1

	// highestPool is ten times the default max_connections of a PostgreSQL.
	highestPool = 1000

	// lowestSpan and highestSpan bound the times that scripts write as whole seconds.
	lowestSpan  = time.Second
	highestSpan = 24 * time.Hour

	// lowestHeartbeat is two ticks of the reactors' clock. Every proxy drops a connection that is silent for an hour.
	lowestHeartbeat  = 2 * netpoll.TickLength
	highestHeartbeat = time.Hour

	// highestDrain is more than supervisors wait by default (systemd: 90 s, Kubernetes: 30 s).
	highestDrain = 5 * time.Minute

	// highestTopics is eight times the default. A connection looks through its topics one by one to find one.
	highestTopics = 1024

	// highestHistory is a hundred times the default. A client that has missed more had better ask the application.
	highestHistory = 10_000

	// highestHistoryBytes keeps all direct messages that a client has missed within the queue of one receiver: they are sent
	// at once.
	highestHistoryBytes = 512 << 10

	// SoundSecretBytes is the shortest key RFC 7518 section 3.2 allows for HS256.
	SoundSecretBytes = 32
)

// Validate returns all faults, joined, so that an operator does not need one restart for each of them.
func (c *Config) Validate() error {
	return errors.Join(
		c.validateAddresses(),
		c.validateTrust(),
		c.validateLimits(),
		c.validateTimes(),
		c.validateLogs(),
		tracesFault(c.TracesEndpoint, c.TracesSampler, c.TracesSamplerArg),
	)
}

func (c *Config) validateAddresses() error {
	listen := address("--addr", c.Addr)
	if c.Addr == "" {
		listen = errors.Join(
			host("HOST (--host)", c.Host),
			within("PORT (--port)", c.Port, 0, highestPort),
		)
	}
	err := errors.Join(listen, address("ADMIN_ADDR (--admin-addr)", c.AdminAddr))
	if err == nil && c.Listen() == c.AdminAddr && !strings.HasSuffix(c.AdminAddr, ":0") {
		err = fmt.Errorf("ADMIN_ADDR (--admin-addr) is %q, where WebSocket is served too: give it another port; "+
			"the admin paths are answered on the WebSocket port as well", c.AdminAddr)
	}
	return err
}

// validateTrust checks the settings that decide which clients and operators are admitted.
func (c *Config) validateTrust() error {
	var problems []error
	problems = append(problems, c.validateKeys())
	if err := headerFault(c.AdminToken); err != nil {
		problems = append(problems, fmt.Errorf("ADMIN_TOKEN (--admin-token): %w", err))
	}
	if _, err := admin.ParseTokens(c.AdminTokens); err != nil {
		problems = append(problems, fmt.Errorf("ADMIN_TOKENS (--admin-tokens): %w", err))
	} else if err := headerFault(c.AdminTokens); err != nil {
		problems = append(problems, fmt.Errorf("ADMIN_TOKENS (--admin-tokens): %w", err))
	}
	if address("", c.AdminAddr) == nil {
		problems = append(problems, admin.CheckBind(c.AdminAddr, c.AdminToken+c.AdminTokens))
	}
	for _, text := range c.AllowedOrigins {
		if _, err := admit.ParseOrigin(text); err != nil {
			problems = append(problems, fmt.Errorf("ALLOWED_ORIGINS (--allowed-origins) has %q: %w", text, err))
		}
	}
	problems = append(problems, c.ValidateDatabase(), c.validateTopics())
	problems = append(problems, clusterFault(c.RedisURL, c.RedisPrefix, c.NodeName))
	_, err := parseProxies(c.TrustedProxies)
	return errors.Join(append(problems, err)...)
}

// ValidateDatabase checks the settings of the database as far as they can be checked without connecting to it.
func (c *Config) ValidateDatabase() error {
	if c.DatabaseURL == "" && c.UsersQuery != "" {
		return errors.New("USERS_QUERY (--users-query) is set and DATABASE_URL (--database-url) is not: say which database to ask")
	}
	if c.DatabaseURL == "" {
		return nil
	}
	if err := postgres.CheckURL(c.DatabaseURL); err != nil {
		return fmt.Errorf("DATABASE_URL (--database-url): %w", err)
	}
	return nil
}

func (c *Config) validateLimits() error {
	return errors.Join(
		within("WS_MAX_CONNECTIONS (--max-connections)", c.MaxConnections, 0, HighestConnections),
		within("WS_MAX_CONNECTIONS_PER_USER (--max-connections-per-user)", c.MaxPerUser, 0, HighestConnections),
		within("WS_MAX_CONNECTIONS_PER_IP (--max-connections-per-ip)", c.MaxPerAddress, 0, HighestConnections),
		within("WS_HANDSHAKE_RATE (--handshake-rate)", c.HandshakeRate, 0, highestRate),
		within("WS_RATE_LIMIT_PER_SECOND (--rate-limit)", c.RateLimit, 0, highestRate),
		within("WS_MAX_MESSAGE_BYTES (--max-message-bytes)", c.MaxMessageBytes, lowestMessageBytes, highestMessageBytes),
		within("DB_POOL_SIZE (--db-pool-size)", c.DBPoolSize, 1, highestPool),
		within("WS_MAX_TOPICS_PER_CONNECTION (--max-topics-per-connection)", c.MaxTopics, 0, highestTopics),
		within("HISTORY_MESSAGES (--history-messages)", c.HistoryMessages, 0, highestHistory),
		within("HISTORY_BYTES (--history-bytes)", c.HistoryBytes, 0, highestHistoryBytes),
		within("REACTORS (--reactors)", c.Reactors, 0, netpoll.MaxReactors),
	)
}

func (c *Config) validateTimes() error {
	err := errors.Join(
		within("WS_CONNECTION_TIMEOUT (--connection-timeout)", c.ConnectionTimeout, lowestSpan, highestSpan),
		within("WS_CLEANUP_INTERVAL (--cleanup-interval)", c.CleanupInterval, lowestSpan, highestSpan),
		within("WS_HEARTBEAT_INTERVAL (--heartbeat-interval)", c.HeartbeatInterval, lowestHeartbeat, highestHeartbeat),
		within("WS_HEARTBEAT_TIMEOUT (--heartbeat-timeout)", c.HeartbeatTimeout, lowestHeartbeat, highestHeartbeat),
		within("HISTORY_AGE (--history-age)", c.HistoryAge, 0, highestSpan),
		within("DRAIN_TIMEOUT (--drain-timeout)", c.DrainTimeout, 0, highestDrain),
	)
	if c.HeartbeatTimeout > c.HeartbeatInterval {
		err = errors.Join(err, fmt.Errorf("WS_HEARTBEAT_TIMEOUT (--heartbeat-timeout) is %v, longer than "+
			"WS_HEARTBEAT_INTERVAL (--heartbeat-interval), %v: make it shorter, so that a ping is answered or given up before the next",
			c.HeartbeatTimeout, c.HeartbeatInterval))
	}
	return err
}

// Warnings lists valid settings that may be mistakes.
func (c *Config) Warnings() []string {
	all := c.keyWarnings()
	if c.ConnectionTimeout <= c.HeartbeatInterval {
		all = append(all, fmt.Sprintf("WS_CONNECTION_TIMEOUT (--connection-timeout), %v, is not longer than WS_HEARTBEAT_INTERVAL "+
			"(--heartbeat-interval), %v: clients that listen in silence are closed before they are pinged", c.ConnectionTimeout, c.HeartbeatInterval))
	}
	if beyondASCII(c.AdminToken) {
		all = append(all, "ADMIN_TOKEN (--admin-token) has letters outside ASCII, which many programs cannot send in a header: "+
			"choose another (openssl rand -hex 32 makes one)")
	}
	return append(all, c.proxyWarnings()...)
}

// within returns an error for a value outside low to high, both allowed.
func within[T cmp.Ordered](name string, value, low, high T) error {
	if value >= low && value <= high {
		return nil
	}
	return fmt.Errorf("%s is %v: write a value from %v to %v", name, value, low, high)
}

// host returns an error for a value that is neither a name nor an address. Whether the name exists is not checked.
func host(name, value string) error {
	if !isHost(value) {
		return fmt.Errorf("%s is %q: write a name or an address without a port or brackets, such as 0.0.0.0 or ::1", name, value)
	}
	return nil
}

// isHost says whether text can be a host's name or address. Empty text stands for all addresses.
func isHost(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil || !strings.ContainsAny(text, " \t\r\n:/@[]%#?")
}

// address returns an error for a value that is not HOST:PORT. Whether it can be bound is not checked.
func address(name, value string) error {
	host, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || !isHost(host) {
		return fmt.Errorf("%s is %q: write a host and a port up to %d, such as 127.0.0.1:8000 or [::1]:8000", name, value, highestPort)
	}
	return nil
}
