package main

import (
	"encoding/hex"
	"io"
	"net"
	"strconv"
	"time"

	"momentum/server"
)

// Config holds every setting. Each can be given as a flag or as an environment variable; the flag wins, then
// the variable, then the default. Validate holds the bounds that the help texts name.
type Config struct {
	Host       string `name:"host" env:"HOST" default:"127.0.0.1" group:"Addresses" help:"Address to serve WebSocket on. 0.0.0.0 serves every IPv4 interface, :: every IPv6 one; the default is reachable from this host alone, as a server should be until somebody decides otherwise."`
	Port       int    `name:"port" env:"PORT" default:"8000" group:"Addresses" help:"Port to serve WebSocket on, up to 65535. 0 picks a free one."`
	Addr       string `name:"addr" placeholder:"HOST:PORT" group:"Addresses" help:"Both at once; overrides --host and --port."`
	AdminAddr  string `name:"admin-addr" env:"ADMIN_ADDR" default:"127.0.0.1:8001" group:"Addresses" help:"Where the admin API, the statistics and the demo page are served. Any address but a loopback one needs an admin token."`
	AdminToken string `name:"admin-token" env:"ADMIN_TOKEN" secret:"yes" group:"Authentication" help:"What admin calls must send as Authorization: Bearer. Without it they are answered to local programs alone. Prefer the variable: other users of the host can read flags."`

	JWTSecret      string   `name:"jwt-secret" env:"JWT_SECRET" secret:"yes" group:"Authentication" help:"What tokens are signed with (HS256). 32 bytes or more, for a shorter one can be guessed offline from a single token. Prefer the variable: other users of the host can read flags."`
	DatabaseURL    string   `name:"database-url" env:"DATABASE_URL" secret:"yes" group:"Authentication" help:"Not supported by this version, which refuses to start with it: skipping the look-up of users without a word would let in people who were shut out."`
	RedisURL       string   `name:"redis-url" env:"REDIS_URL" secret:"yes" group:"Authentication" help:"Not supported by this version, which refuses to start with it: several nodes that do not know of each other would lose messages without a word."`
	DBPoolSize     int      `name:"db-pool-size" env:"DB_POOL_SIZE" default:"10" group:"Authentication" help:"Database connections, 1 to 1000. Not used while no database is supported."`
	AllowedOrigins []string `name:"allowed-origins" env:"ALLOWED_ORIGINS" placeholder:"ORIGIN,..." group:"Authentication" help:"Sites whose pages may connect, such as https://chat.example,https://app.example; * for every site. Without it a page must come from the host it connects to (in development mode: from anywhere). Programs that are no browsers send no origin and are not asked."`
	TrustedProxies []string `name:"trusted-proxies" env:"TRUSTED_PROXIES" placeholder:"ADDRESS,..." group:"Authentication" help:"Proxies whose word on who connects is taken, by address or network, such as 127.0.0.1,10.0.0.0/8,2001:db8::/32: a PROXY protocol header (version 1 or 2), else X-Forwarded-For. From anybody else the first is refused and the second passed over."`
	Dev            bool     `name:"dev" env:"MOMENTUM_DEV" group:"Authentication" help:"Development mode: without a JWT secret a random one is made for this run."`

	MaxConnections  int  `name:"max-connections" env:"WS_MAX_CONNECTIONS" default:"0" group:"Limits" help:"Connections at once, up to 16777216; more are told to come back later. 0: as many as the descriptor limit allows."`
	MaxPerUser      int  `name:"max-connections-per-user" env:"WS_MAX_CONNECTIONS_PER_USER" default:"64" group:"Limits" help:"Connections of one user at once, up to 16777216; one more is refused (429). 0: no limit. The default is several times what a person's devices and tabs make, and bounds what one token that has leaked can take."`
	MaxPerAddress   int  `name:"max-connections-per-ip" env:"WS_MAX_CONNECTIONS_PER_IP" default:"0" group:"Limits" help:"Connections of one IPv4 address or IPv6 /64 at once, handshakes among them, up to 16777216; one more is refused (429). 0: no limit, which is the default because thousands may share one address: a company, the customers of a mobile network, everybody behind a proxy that TRUSTED_PROXIES does not name."`
	HandshakeRate   int  `name:"handshake-rate" env:"WS_HANDSHAKE_RATE" default:"0" group:"Limits" help:"Handshakes a second the node lets in, up to 1000000. More wait for 0.2 s at most, those who were here lately first; who would wait longer is told at once when to come back, spread so that a fleet is in as soon as this rate allows. Counted in tenths of a second and reactors, rounded down, but at least one in each. 0: as many as its cores take."`
	RateLimit       int  `name:"rate-limit" env:"WS_RATE_LIMIT_PER_SECOND" default:"100" group:"Limits" help:"Messages a second from one connection, up to 1000000; one counts as one for each 4 KiB it begins, on the wire or inflated. 0: no limit. The default is ten times what a lively person or the stress tool sends, and bounds what one runaway client can make the server say to everybody else."`
	MaxMessageBytes int  `name:"max-message-bytes" env:"WS_MAX_MESSAGE_BYTES" default:"65536" group:"Limits" help:"Bytes of one message, 1024 to 524288; a larger one closes the connection that sent it (1009). What a sender may send is queued for every receiver that lags."`
	Compression     bool `name:"compression" env:"WS_COMPRESSION" default:"true" negatable:"" group:"Limits" help:"Agree to permessage-deflate (RFC 7692) with clients that offer it. Messages for everybody of 512 bytes and more then go out compressed, once for all of them; no connection keeps a window."`
	Reactors        int  `name:"reactors" env:"REACTORS" default:"0" group:"Limits" help:"Event loops, up to 255, each of which can keep one core busy. 0: one for each core Go may use."`

	ConnectionTimeout time.Duration `type:"seconds" name:"connection-timeout" env:"WS_CONNECTION_TIMEOUT" default:"300" group:"Times (seconds, or a duration such as 1m30s)" help:"A connection from which no frame at all has come for this long is closed, 1 s to 24 h."`
	CleanupInterval   time.Duration `type:"seconds" name:"cleanup-interval" env:"WS_CLEANUP_INTERVAL" default:"300" group:"Times (seconds, or a duration such as 1m30s)" help:"How often connections past their deadline are swept up, 1 s to 24 h."`
	HeartbeatInterval time.Duration `type:"seconds" name:"heartbeat-interval" env:"WS_HEARTBEAT_INTERVAL" default:"25" group:"Times (seconds, or a duration such as 1m30s)" help:"How often a quiet connection is pinged, 0.2 s to 1 h. Below 30 s, after which many proxies and mobile networks forget one."`
	HeartbeatTimeout  time.Duration `type:"seconds" name:"heartbeat-timeout" env:"WS_HEARTBEAT_TIMEOUT" default:"10" group:"Times (seconds, or a duration such as 1m30s)" help:"How long the answer to a ping may take, 0.2 s up to the interval. Ten seconds is what a phone changing cells needs."`
	DrainTimeout      time.Duration `type:"seconds" name:"drain-timeout" env:"DRAIN_TIMEOUT" default:"10" group:"Times (seconds, or a duration such as 1m30s)" help:"How long a server that was told to stop takes at the most, up to 5 min: its clients are told to come back one after the other, then the rest is cut off. Keep it below the supervisor's own patience. 0: stops at once."`

	LogLevel  string `name:"log-level" env:"LOG_LEVEL" default:"info" group:"Logs" help:"debug, info, warn or error."`
	LogLevels string `name:"log-levels" env:"LOG_LEVELS" placeholder:"PART=LEVEL,..." group:"Logs" help:"Another level for single parts, such as server=debug,netpoll=warn."`
	LogFormat string `name:"log-format" env:"LOG_FORMAT" default:"auto" group:"Logs" help:"text, json or auto: text on a terminal, JSON everywhere else."`
}

// settings is Config without its methods. kong calls a Validate it finds while it parses and stops there, so
// check could not show what is in force beside what is wrong with it.
type settings Config

// checked returns the configuration, or everything that is wrong with it.
func (s *settings) checked() (*Config, error) {
	c := (*Config)(s)
	return c, c.Validate()
}

// origins returns the sites whose pages may connect, as the server wants them.
func (c *Config) origins() []string {
	if len(c.AllowedOrigins) == 0 && c.Dev {
		return []string{server.AnyOrigin}
	}
	return c.AllowedOrigins
}

// Listen returns the address to serve WebSocket on.
func (c *Config) Listen() string {
	if c.Addr != "" {
		return c.Addr
	}
	return net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
}

// fillSecret gives a configuration in development mode a secret when it has none, and says whether it did.
// It is random, so that a server started by --dev in a place where it should not be is no open door.
func (c *Config) fillSecret(random io.Reader) (made bool, err error) {
	if c.JWTSecret != "" || !c.Dev {
		return false, nil
	}
	secret := make([]byte, soundSecretBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return false, err
	}
	c.JWTSecret = hex.EncodeToString(secret)
	return true, nil
}
