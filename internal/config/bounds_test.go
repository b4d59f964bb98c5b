package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestEachInvalidSettingIsNamedWithAdvice(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*Config)
		want  []string
	}{
		{"port too high", func(c *Config) { c.Port = 65536 }, []string{"PORT", "--port", "65536", "from 0 to 65535"}},
		{"host with a port", func(c *Config) { c.Host = "[::1]:80" }, []string{"HOST", "--host", "[::1]:80", "without a port"}},
		{"host with a blank", func(c *Config) { c.Host = "my host" }, []string{"HOST", "my host", "without a port"}},
		{"host with its port", func(c *Config) { c.Host = "localhost:8000" }, []string{"HOST", "localhost:8000", "without a port"}},
		{"address with a blank", func(c *Config) { c.Addr = "my host:80" }, []string{"--addr", "my host:80"}},
		{"address with a scheme", func(c *Config) { c.Addr = "http://localhost:80" }, []string{"--addr", "http://localhost:80"}},
		{"address without a port", func(c *Config) { c.Addr = "localhost" }, []string{"--addr", "localhost", "127.0.0.1:8000"}},
		{"address with a named port", func(c *Config) { c.Addr = "localhost:http" }, []string{"--addr", "localhost:http"}},
		{"address with a wrong port", func(c *Config) { c.Addr = "localhost:70000" }, []string{"--addr", "70000", "65535"}},
		{"admin address", func(c *Config) { c.AdminAddr = "8001" }, []string{"ADMIN_ADDR", "--admin-addr", "8001", "127.0.0.1:8000"}},
		{"admin where WebSocket is", func(c *Config) { c.AdminAddr = c.Listen() }, []string{"ADMIN_ADDR", "127.0.0.1:8000", "another port"}},
		{"public admin address", func(c *Config) { c.AdminAddr = "0.0.0.0:8001" }, []string{"ADMIN_ADDR", "0.0.0.0:8001", "ADMIN_TOKEN"}},
		{"no secret", func(c *Config) { c.JWTSecret = "" }, []string{"JWT_SECRET", "--jwt-secret", "openssl rand", "--dev"}},
		{"algorithm", func(c *Config) { c.JWTAlgorithm = "none" }, []string{"JWT_ALGORITHM", "--jwt-algorithm", "none", "HS256 or HS384 or HS512"}},
		{"only the previous secret", func(c *Config) { c.JWTSecretPrevious, c.JWTSecret = c.JWTSecret, "" }, []string{"JWT_SECRET_PREVIOUS", "--jwt-secret-previous", "JWT_SECRET"}},
		{"no such key file", func(c *Config) { c.JWTPublicKeyFile = "none.pem" }, []string{"JWT_PUBLIC_KEY_FILE", "--jwt-public-key-file", "none.pem"}},
		{"key set over http", func(c *Config) { c.JWKSURL = "http://issuer.example/" }, []string{"JWKS_URL", "--jwks-url", "issuer.example", "https"}},
		{"a database", func(c *Config) { c.DatabaseURL = "mysql://h/d" }, []string{"DATABASE_URL", "--database-url", "postgresql://USER:PASSWORD@"}},
		{"a query for no database", func(c *Config) { c.UsersQuery = "SELECT" }, []string{"USERS_QUERY", "--users-query", "DATABASE_URL"}},
		{"redis", func(c *Config) { c.RedisURL = "http://h" }, []string{"REDIS_URL", "--redis-url"}},
		{"connections", func(c *Config) { c.MaxConnections = -1 }, []string{"WS_MAX_CONNECTIONS", "--max-connections", "-1", "from 0 to 16777216"}},
		{"connections of a user", func(c *Config) { c.MaxPerUser = -1 }, []string{"WS_MAX_CONNECTIONS_PER_USER", "--max-connections-per-user", "-1", "from 0 to 16777216"}},
		{"connections of an address", func(c *Config) { c.MaxPerAddress = 1 << 25 }, []string{"WS_MAX_CONNECTIONS_PER_IP", "--max-connections-per-ip", "33554432", "from 0 to 16777216"}},
		{"a proxy", func(c *Config) { c.TrustedProxies = []string{"x"} }, []string{"TRUSTED_PROXIES", "--trusted-proxies", `"x"`, "10.0.0.0/8"}},
		{"an origin", func(c *Config) { c.AllowedOrigins = []string{"https://chat.example", "chat.example"} }, []string{"ALLOWED_ORIGINS", "--allowed-origins", `"chat.example"`, "https://chat.example"}},
		{"rate", func(c *Config) { c.RateLimit = -5 }, []string{"WS_RATE_LIMIT_PER_SECOND", "--rate-limit", "-5", "from 0 to"}},
		{"message bytes too few", func(c *Config) { c.MaxMessageBytes = 10 }, []string{"WS_MAX_MESSAGE_BYTES", "10", "from 1024 to 524288"}},
		{"message bytes too many", func(c *Config) { c.MaxMessageBytes = 1 << 20 }, []string{"WS_MAX_MESSAGE_BYTES", "1048576"}},
		{"pool", func(c *Config) { c.DBPoolSize = 0 }, []string{"DB_POOL_SIZE", "--db-pool-size", "from 1 to 1000"}},
		{"reactors", func(c *Config) { c.Reactors = 256 }, []string{"REACTORS", "--reactors", "256", "from 0 to 255"}},
		{"connection timeout", func(c *Config) { c.ConnectionTimeout = 0 }, []string{"WS_CONNECTION_TIMEOUT", "0s", "from 1s to 24h"}},
		{"clean-up interval", func(c *Config) { c.CleanupInterval = 48 * time.Hour }, []string{"WS_CLEANUP_INTERVAL", "48h", "from 1s to 24h"}},
		{"heartbeat interval", func(c *Config) { c.HeartbeatInterval = 2 * time.Hour }, []string{"WS_HEARTBEAT_INTERVAL", "2h", "from 200ms to 1h"}},
		{"heartbeat timeout", func(c *Config) { c.HeartbeatTimeout = 0 }, []string{"WS_HEARTBEAT_TIMEOUT", "0s", "from 200ms"}},
		{"timeout beyond the interval", func(c *Config) { c.HeartbeatTimeout = 26 * time.Second }, []string{"WS_HEARTBEAT_TIMEOUT", "26s", "WS_HEARTBEAT_INTERVAL", "25s", "shorter"}},
		{"drain", func(c *Config) { c.DrainTimeout = time.Hour }, []string{"DRAIN_TIMEOUT", "--drain-timeout", "1h", "to 5m"}},
		{"level", func(c *Config) { c.LogLevel = "loud" }, []string{"LOG_LEVEL", "--log-level", "loud", "debug, info, warn or error"}},
		{"level of no part", func(c *Config) { c.LogLevels = "sever=debug" }, []string{"LOG_LEVELS", "--log-levels", "sever=debug", "server"}},
		{"no level of a part", func(c *Config) { c.LogLevels = "server" }, []string{"LOG_LEVELS", `"server"`, "server=debug"}},
		{"format", func(c *Config) { c.LogFormat = "xml" }, []string{"LOG_FORMAT", "--log-format", "xml", "auto, text or json"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := good(t)
			tt.spoil(c)
			err := c.Validate()
			wantWords(t, err, tt.want...)
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("one mistake, several complaints:\n%v", err)
			}
		})
	}
}

func TestPublicAdminAddressIsAllowedWithAToken(t *testing.T) {
	c := good(t)
	c.AdminAddr, c.AdminToken = "0.0.0.0:8001", "a token that only operators have"
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	c := good(t)
	c.JWTSecret, c.Port, c.RateLimit, c.DrainTimeout, c.LogLevel = "", -1, -1, time.Hour, "loud"
	wantWords(t, c.Validate(), "JWT_SECRET", "PORT", "WS_RATE_LIMIT_PER_SECOND", "DRAIN_TIMEOUT", "LOG_LEVEL")
}

func TestWarnings(t *testing.T) {
	c := good(t)
	c.JWTSecret, c.ConnectionTimeout = "short", 10*time.Second
	if err := c.Validate(); err != nil {
		t.Errorf("what deployments use must be allowed: %v", err)
	}
	wantWords(t, errors.New(strings.Join(c.Warnings(), "\n")), "JWT_SECRET", "5 bytes", "WS_CONNECTION_TIMEOUT", "10s", "WS_HEARTBEAT_INTERVAL")
}

func TestHelpNamesTheBoundsThatHold(t *testing.T) {
	for env, bounds := range map[string][]any{
		"PORT":                        {highestPort},
		"WS_MAX_CONNECTIONS":          {HighestConnections},
		"WS_MAX_CONNECTIONS_PER_USER": {HighestConnections},
		"WS_MAX_CONNECTIONS_PER_IP":   {HighestConnections},
		"WS_RATE_LIMIT_PER_SECOND":    {highestRate},
		"WS_MAX_MESSAGE_BYTES":        {lowestMessageBytes, highestMessageBytes},
		"DB_POOL_SIZE":                {highestPool},
		"REACTORS":                    {255},
		"WS_CONNECTION_TIMEOUT":       {lowestSpan.Seconds(), highestSpan.Hours()},
		"WS_CLEANUP_INTERVAL":         {lowestSpan.Seconds(), highestSpan.Hours()},
		"WS_HEARTBEAT_INTERVAL":       {lowestHeartbeat.Seconds(), highestHeartbeat.Hours()},
		"WS_HEARTBEAT_TIMEOUT":        {lowestHeartbeat.Seconds()},
		"DRAIN_TIMEOUT":               {highestDrain.Minutes()},
	} {
		help := helpOf(env)
		for _, bound := range bounds {
			if !strings.Contains(help, fmt.Sprint(bound)) {
				t.Errorf("the help of %s does not name the bound %v: %q", env, bound, help)
			}
		}
	}
}

func helpOf(env string) string {
	config := reflect.TypeFor[Config]()
	for i := range config.NumField() {
		if tag := config.Field(i).Tag; tag.Get("env") == env {
			return tag.Get("help")
		}
	}
	return ""
}
