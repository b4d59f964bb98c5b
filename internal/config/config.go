// Package config is the settings of the server: it reads them from flags, variables and files, checks them, lists
// them, and finds the changes of a reload. It does not act on them.
package config

import (
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"momentum/server/admin"
	"momentum/server/admit"
)

// Config holds every setting. Each can be given as a flag, as an environment variable or in the settings file; the
// flag wins, then the variable, then the file, then the default. Validate holds the bounds that the help texts name.
// A field tagged secret is never shown and can be given in a file of its own (see sources.go). A field tagged reload
// changes with SIGHUP; one tagged content names a file that is read again then (see reload.go).
type Config struct {
	SettingsFile string `name:"config" env:"MOMENTUM_CONFIG" placeholder:"FILE" group:"Settings" help:"A YAML file with any of these settings under the names of their flags, such as max-connections: 20000. If unset, no file is read."`

	Host        string `name:"host" env:"HOST" default:"127.0.0.1" group:"Addresses" help:"Address to serve WebSocket on. 0.0.0.0 serves every IPv4 interface, :: every IPv6 interface; the default can be reached from this host only."`
	Port        int    `name:"port" env:"PORT" default:"8000" group:"Addresses" help:"Port to serve WebSocket on, up to 65535. 0: any free port."`
	Addr        string `name:"addr" placeholder:"HOST:PORT" group:"Addresses" help:"Host and port in one; overrides --host and --port."`
	AdminAddr   string `name:"admin-addr" env:"ADMIN_ADDR" default:"127.0.0.1:8001" group:"Addresses" help:"Address of the admin API, the statistics and the demo page. An address that is not loopback needs an admin token."`
	AdminToken  string `name:"admin-token" env:"ADMIN_TOKEN" reload:"yes" secret:"yes" group:"Authentication" help:"Token that admin calls must send as Authorization: Bearer. If unset, only programs on this host are answered. Prefer the variable: other users of the host can read flags."`
	AdminTokens string `name:"admin-tokens" env:"ADMIN_TOKENS" reload:"yes" secret:"yes" placeholder:"NAME:RIGHT:TOKEN,..." group:"Authentication" help:"More tokens for admin calls, each with a name that logs and GET /ws/changes show, and a right: read for GET, write for everything. A token has 16 characters or more and no comma. Prefer the variable: other users of the host can read flags."`

	JWTSecret         string   `name:"jwt-secret" env:"JWT_SECRET" reload:"yes" secret:"yes" group:"Authentication" help:"Secret that signs the tokens, of 32 bytes or more (48 with HS384, 64 with HS512): a shorter one can be guessed offline from a single token. Prefer the variable: other users of the host can read flags."`
	JWTSecretPrevious string   `name:"jwt-secret-previous" env:"JWT_SECRET_PREVIOUS" reload:"yes" secret:"yes" group:"Authentication" help:"The secret before this one, which is accepted too: so a secret can be changed while tokens of both are in use. Unset it when its last token has expired."`
	JWTAlgorithm      string   `name:"jwt-algorithm" env:"JWT_ALGORITHM" reload:"yes" default:"HS256" group:"Authentication" help:"Algorithm of the secrets: HS256, HS384 or HS512. A token signed with another algorithm is refused."`
	JWTPublicKeyFile  string   `name:"jwt-public-key-file" env:"JWT_PUBLIC_KEY_FILE" reload:"yes" content:"yes" placeholder:"FILE" group:"Authentication" help:"PEM file with public keys or certificates to verify tokens with: RSA of 2048 bits or more (RS256), P-256 (ES256) or Ed25519 (EdDSA), at most 16. Only the key of a certificate is used. Instead of JWT_SECRET or in addition to it."`
	JWKSURL           string   `name:"jwks-url" env:"JWKS_URL" placeholder:"URL" group:"Authentication" help:"URL of an issuer's public keys (a JWK set), over https; http is accepted on this host only. They are fetched every 5 minutes, and, at most every 10 s, when a token names an unknown key. If a fetch fails, the last keys stay in use. Instead of JWT_SECRET or in addition to it."`
	JWTIssuer         string   `name:"jwt-issuer" env:"JWT_ISSUER" group:"Authentication" help:"Required iss claim. If unset, iss is not checked. Set it where several issuers share a key."`
	JWTAudience       string   `name:"jwt-audience" env:"JWT_AUDIENCE" group:"Authentication" help:"Required aud claim, or one value of it. If unset, aud is not checked. Set it where an issuer signs tokens for other services too, which would be accepted here."`
	DatabaseURL       string   `name:"database-url" env:"DATABASE_URL" secret:"yes" group:"Authentication" help:"PostgreSQL database with the users, such as postgresql://momentum:PASSWORD@db.example:5432/momentum: only its active users may connect, and a deactivated user is disconnected within a second. momentum migrate makes the tables. If unset, every valid token may connect. See docs/DIRECTORY.md."`
	DBPoolSize        int      `name:"db-pool-size" env:"DB_POOL_SIZE" default:"10" group:"Authentication" help:"Highest number of connections to the database, 1 to 1000; one more listens for changes. Lookups of users share two of them."`
	UsersQuery        string   `name:"users-query" env:"USERS_QUERY" placeholder:"SELECT" group:"Authentication" help:"Query for users in a table of your own: a SELECT of id (uuid), username, email (text) and active (boolean) with WHERE id = ANY($1). If unset, they are in the table users that momentum migrate makes."`
	AllowedOrigins    []string `name:"allowed-origins" env:"ALLOWED_ORIGINS" reload:"yes" placeholder:"ORIGIN" group:"Authentication" help:"Origins of pages that may connect, such as https://chat.example,https://*.app.example; *. stands for all subdomains, * alone for every site. If unset, a page must come from the host it connects to (in development mode: from anywhere). Programs other than browsers send no Origin, and it is not checked."`
	TrustedProxies    []string `name:"trusted-proxies" env:"TRUSTED_PROXIES" reload:"yes" placeholder:"ADDRESS" group:"Authentication" help:"Addresses or networks of proxies, such as 127.0.0.1,10.0.0.0/8,2001:db8::/32. They may state the client's address, in a PROXY protocol header (version 1 or 2) or in X-Forwarded-For. From any other peer, the first is refused and the second ignored."`
	TopicsDefault     string   `name:"topics-default" env:"TOPICS_DEFAULT" reload:"yes" placeholder:"none|subscribe|all" group:"Authentication" help:"Topics for users whose token has no claim topics: none, subscribe (to all topics) or all (subscribe and publish). A reload changes the rights of connections with such tokens, and ends no subscription that they have. If unset: none; in development mode, all."`
	Dev               bool     `name:"dev" env:"MOMENTUM_DEV" group:"Authentication" help:"Development mode: without a JWT secret, the server makes a random one for this run."`

	RedisURL    string `name:"redis-url" env:"REDIS_URL" secret:"yes" group:"Cluster" help:"Redis 7.0 or newer, or Valkey, which connects nodes to a cluster: redis://[USER:PASSWORD@]HOST:PORT[/DATABASE], rediss:// for TLS (?ca=FILE names the authorities to trust instead of the host's), several HOST:PORT with commas for a Redis Cluster, and with ?sentinel=NAME for Sentinel. If unset, the node is alone. See docs/CLUSTER.md."`
	RedisPrefix string `name:"redis-prefix" env:"REDIS_PREFIX" default:"mo" group:"Cluster" help:"Begins the names of all keys and channels in Redis, 1 to 32 of A-Z, a-z, 0-9 and _.:-. Nodes with the same prefix are one cluster."`
	NodeName    string `name:"node-name" env:"NODE_NAME" group:"Cluster" help:"Name of this node in logs, metrics and answers, up to 64 characters. If unset: the host's name and the port."`

	MaxConnections  int  `name:"max-connections" env:"WS_MAX_CONNECTIONS" reload:"yes" default:"0" group:"Limits" help:"Connections at once, up to 16777216; more are refused (503, with Retry-After). 0: as many as the descriptor limit allows."`
	MaxPerUser      int  `name:"max-connections-per-user" env:"WS_MAX_CONNECTIONS_PER_USER" reload:"yes" default:"64" group:"Limits" help:"Connections of one user at once, up to 16777216; one more is refused (429). 0, or more than 4096, means 4096. The default is several times the devices and tabs of one user, and bounds the connections of a leaked token."`
	MaxPerAddress   int  `name:"max-connections-per-ip" env:"WS_MAX_CONNECTIONS_PER_IP" reload:"yes" default:"0" group:"Limits" help:"Connections of one IPv4 address or IPv6 /64 at once, including handshakes, up to 16777216; one more is refused (429). 0: no limit, which is the default because thousands of clients may share one address: a company, a mobile network, all clients of a proxy that TRUSTED_PROXIES does not name."`
	HandshakeRate   int  `name:"handshake-rate" env:"WS_HANDSHAKE_RATE" reload:"yes" default:"0" group:"Limits" help:"Handshakes a second that the node admits, up to 1000000. More are queued for at most 0.2 s, returning clients first. A handshake that would wait longer is refused at once, with a Retry-After at which the rate has room for it. Each reactor has an equal share of the rate. 0: no limit."`
	RateLimit       int  `name:"rate-limit" env:"WS_RATE_LIMIT_PER_SECOND" reload:"yes" default:"100" group:"Limits" help:"Messages a second from one connection, up to 1000000. A message counts once for each 4 KiB or part of it; a compressed one for each 4 KiB inflated or each 1 KiB on the wire, if that is more. 0: no limit. The default is ten times the messages of a lively user or of the stress tool, and bounds the messages of one runaway client."`
	MaxMessageBytes int  `name:"max-message-bytes" env:"WS_MAX_MESSAGE_BYTES" reload:"yes" default:"65536" group:"Limits" help:"Bytes of one message, 1024 to 524288; a larger one closes the connection that sent it (1009). Messages of this size are queued for each receiver that is slow."`
	Compression     bool `name:"compression" env:"WS_COMPRESSION" reload:"yes" default:"true" negatable:"" group:"Limits" help:"Accept permessage-deflate (RFC 7692) from clients that offer it. Messages to everybody of 512 bytes or more are then compressed, once for all receivers; no connection keeps a window."`
	MaxTopics       int  `name:"max-topics-per-connection" env:"WS_MAX_TOPICS_PER_CONNECTION" reload:"yes" default:"128" group:"Limits" help:"Topics that one connection may be subscribed to, up to 1024. All connections together may have a million subscriptions for each GiB of memory. 0: no topics."`
	Reactors        int  `name:"reactors" env:"REACTORS" default:"0" group:"Limits" help:"Event loops, up to 255, each of which can keep one core busy. 0: one for each core that Go may use."`

	ConnectionTimeout time.Duration `type:"seconds" name:"connection-timeout" env:"WS_CONNECTION_TIMEOUT" reload:"yes" default:"300" group:"Times (seconds, or a duration such as 1m30s)" help:"A connection from which no frame has come for this long is closed, 1 s to 24 h."`
	CleanupInterval   time.Duration `type:"seconds" name:"cleanup-interval" env:"WS_CLEANUP_INTERVAL" reload:"yes" default:"300" group:"Times (seconds, or a duration such as 1m30s)" help:"Time between two sweeps of connections past their deadline, 1 s to 24 h."`
	HeartbeatInterval time.Duration `type:"seconds" name:"heartbeat-interval" env:"WS_HEARTBEAT_INTERVAL" reload:"yes" default:"25" group:"Times (seconds, or a duration such as 1m30s)" help:"Time after which a quiet connection is pinged, 0.2 s to 1 h. The default is below the 30 s after which many proxies and mobile networks drop a connection."`
	HeartbeatTimeout  time.Duration `type:"seconds" name:"heartbeat-timeout" env:"WS_HEARTBEAT_TIMEOUT" reload:"yes" default:"10" group:"Times (seconds, or a duration such as 1m30s)" help:"Longest time for the answer to a ping, 0.2 s up to the interval. A phone needs up to ten seconds to change cells."`
	DrainTimeout      time.Duration `type:"seconds" name:"drain-timeout" env:"DRAIN_TIMEOUT" reload:"yes" default:"10" group:"Times (seconds, or a duration such as 1m30s)" help:"Longest time of a stop, up to 5 min: the server tells its clients to reconnect, one after the other, and then closes the rest. Keep it below the supervisor's timeout. 0: stops at once."`

	HistoryMessages int           `name:"history-messages" env:"HISTORY_MESSAGES" default:"100" group:"History" help:"Messages kept for the clients that come back, of each user and each topic, up to 10000; of the broadcast ten times as many. 0: none."`
	HistoryBytes    int           `name:"history-bytes" env:"HISTORY_BYTES" default:"65536" group:"History" help:"Bytes of these messages, of each user and each topic, up to 524288; of the broadcast 64 times as many. 0: none. All users together get at most a sixteenth of the memory."`
	HistoryAge      time.Duration `type:"seconds" name:"history-age" env:"HISTORY_AGE" default:"300" group:"History" help:"Time for which a message is kept, and for which a user who has gone is remembered, up to 24 h. 0: nothing is kept."`

	LogLevel  string `name:"log-level" env:"LOG_LEVEL" reload:"yes" default:"info" group:"Logs" help:"debug, info, warn or error."`
	LogLevels string `name:"log-levels" env:"LOG_LEVELS" reload:"yes" placeholder:"PART=LEVEL,..." group:"Logs" help:"Another level for some parts, such as server=debug,netpoll=warn."`
	LogFormat string `name:"log-format" env:"LOG_FORMAT" default:"auto" group:"Logs" help:"text, json or auto: text on a terminal, JSON elsewhere."`

	TracesEndpoint   string `name:"otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" placeholder:"URL" group:"Traces" help:"Collector of OpenTelemetry's traces that takes OTLP over HTTP, such as http://127.0.0.1:4318. Admissions and admin calls are traced. If unset, nothing is traced. The other variables OTEL_EXPORTER_OTLP_*, OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are read from the environment only. See docs/OPERATIONS.md."`
	TracesSampler    string `name:"traces-sampler" env:"OTEL_TRACES_SAMPLER" placeholder:"SAMPLER" group:"Traces" help:"What is traced: always_on, always_off, traceidratio, or one of these after parentbased_, which lets a trusted proxy decide first. If unset: parentbased_traceidratio for admissions, parentbased_always_on for admin calls."`
	TracesSamplerArg string `name:"traces-sampler-arg" env:"OTEL_TRACES_SAMPLER_ARG" placeholder:"SHARE" group:"Traces" help:"Share of traces that traceidratio keeps, 0 to 1. If unset: 0.01 of the admissions, or 1 if a sampler is set."`
}

// Settings is Config without its methods. kong would call Validate while it parses and stop at an error, so check
// could not show the settings in force beside their faults.
type Settings Config

// Checked returns the configuration, or all its faults.
func (s *Settings) Checked() (*Config, error) {
	c := (*Config)(s)
	return c, c.Validate()
}

// NamedAdminTokens returns the tokens of ADMIN_TOKENS. The configuration must have passed Validate.
func (c *Config) NamedAdminTokens() []admin.Token {
	all, _ := admin.ParseTokens(c.AdminTokens)
	return all
}

// CallerToken returns the token with which a command calls the admin API: ADMIN_TOKEN, or the first of ADMIN_TOKENS that may write, or the
// first. It is empty if there is none.
func (c *Config) CallerToken() (string, error) {
	all, err := admin.ParseTokens(c.AdminTokens)
	if err != nil {
		return "", fmt.Errorf("ADMIN_TOKENS (--admin-tokens): %w", err)
	}
	if c.AdminToken != "" || len(all) == 0 {
		return c.AdminToken, nil
	}
	for _, token := range all {
		if token.Right == admin.Write {
			return token.Secret(), nil
		}
	}
	return all[0].Secret(), nil
}

// Origins returns the sites with pages that may connect, in the form of browsers. The configuration must have passed
// Validate.
func (c *Config) Origins() []string {
	if len(c.AllowedOrigins) == 0 && c.Dev {
		return []string{admit.AnyOrigin}
	}
	var all []string
	for _, text := range c.AllowedOrigins {
		origin, _ := admit.ParseOrigin(text)
		all = append(all, origin)
	}
	return all
}

// Listen returns the address to serve WebSocket on.
func (c *Config) Listen() string {
	if c.Addr != "" {
		return c.Addr
	}
	return net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
}

// ListenPort returns the port of that address.
func (c *Config) ListenPort() int {
	if _, port, err := net.SplitHostPort(c.Addr); err == nil {
		n, _ := strconv.Atoi(port) // the check has found a number
		return n
	}
	return c.Port
}

// FillSecret makes a random secret for a configuration in development mode that has none, and reports whether it did.
// So a server started with --dev by mistake accepts no token made elsewhere.
func (c *Config) FillSecret(random io.Reader) (made bool, err error) {
	if c.JWTSecret != "" || !c.Dev {
		return false, nil
	}
	secret := make([]byte, SoundSecretBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return false, err
	}
	c.JWTSecret = hex.EncodeToString(secret)
	return true, nil
}
