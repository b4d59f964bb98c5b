// Command centrifuge is a small server on Centrifugo's library with its Redis broker: users with tokens, a channel for all and one
// for each user, both with history and recovery. bench/beside compares it with ours.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/golang-jwt/jwt/v5"
)

const (
	everybody    = "all"
	personal     = "#" // before the user's id
	historyAge   = 5 * time.Minute
	keptOfAll    = 1000
	keptOfUser   = 100
	readSize     = 1024 // a message of a client has some 150 bytes
	messageLimit = 64 << 10
)

func main() {
	addr := flag.String("addr", "127.0.0.1:9001", "where to listen")
	redis := flag.String("redis", "127.0.0.1:6379", "the Redis server")
	flag.Parse()
	if err := run(*addr, *redis); err != nil {
		log.Fatal(err)
	}
}

func run(addr, redis string) error {
	node, err := centrifuge.New(centrifuge.Config{
		UseSingleFlight: true, // identical reads of a history at once are one
		LogLevel:        centrifuge.LogLevelError,
		LogHandler:      func(e centrifuge.LogEntry) { log.Println(e.Message, e.Fields) },
	})
	if err != nil {
		return err
	}
	shard, err := centrifuge.NewRedisShard(node, centrifuge.RedisShardConfig{Address: redis})
	if err != nil {
		return err
	}
	broker, err := centrifuge.NewRedisBroker(node, centrifuge.RedisBrokerConfig{Shards: []*centrifuge.RedisShard{shard}})
	if err != nil {
		return err
	}
	node.SetBroker(broker)
	node.OnConnecting(connecting([]byte(os.Getenv("JWT_SECRET"))))
	node.OnConnect(func(c *centrifuge.Client) { serve(node, c) })
	if err := node.Run(); err != nil {
		return err
	}
	http.Handle("/ws", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
		ReadBufferSize: readSize, UseWriteBufferPool: true, MessageSizeLimit: messageLimit, CheckOrigin: func(*http.Request) bool { return true },
	}))
	http.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	return http.ListenAndServe(addr, nil)
}

// connecting checks the token, and subscribes the client to both channels. If it names its positions, the library recovers from them.
func connecting(secret []byte) centrifuge.ConnectingHandler {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
	return func(_ context.Context, e centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		var claims jwt.RegisteredClaims
		_, err := parser.ParseWithClaims(e.Token, &claims, func(*jwt.Token) (any, error) { return secret, nil })
		if err != nil || claims.Subject == "" {
			return centrifuge.ConnectReply{}, centrifuge.DisconnectInvalidToken
		}
		recovered := centrifuge.SubscribeOptions{EnableRecovery: true, RecoveryMode: centrifuge.RecoveryModeStream}
		return centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{UserID: claims.Subject},
			Subscriptions: map[string]centrifuge.SubscribeOptions{everybody: recovered, personal + claims.Subject: recovered},
		}, nil
	}
}

// sent is a message without an answer; To is a channel.
type sent struct {
	To   string          `json:"to"`
	Data json.RawMessage `json:"data"`
}

// serve publishes the messages of a client: in order, with the sender's id, into the history.
func serve(node *centrifuge.Node, c *centrifuge.Client) {
	info := &centrifuge.ClientInfo{ClientID: c.ID(), UserID: c.UserID()}
	publish := func(channel string, data []byte) (centrifuge.PublishResult, error) {
		kept := keptOfUser
		if channel == everybody {
			kept = keptOfAll
		}
		return node.Publish(channel, data, centrifuge.WithHistory(kept, historyAge), centrifuge.WithClientInfo(info))
	}
	c.OnMessage(func(e centrifuge.MessageEvent) {
		var m sent
		if err := json.Unmarshal(e.Data, &m); err != nil {
			return
		}
		_, _ = publish(m.To, m.Data) // nobody waits for the outcome
	})
	c.OnPublish(func(e centrifuge.PublishEvent, reply centrifuge.PublishCallback) {
		result, err := publish(e.Channel, e.Data)
		reply(centrifuge.PublishReply{Result: &result}, err)
	})
}
