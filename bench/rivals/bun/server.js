// The jobs of bench/echo on Bun, whose WebSocket server is µWebSockets, and those of bench/compare that need users or topics.
// It broadcasts with topics.
const at = process.argv.indexOf("--addr");
const [hostname, port] = at < 0 ? ["127.0.0.1", "9001"] : process.argv[at + 1].split(":");
const mode = ["--broadcast", "--users", "--topics"].find((m) => process.argv.includes(m));

const handlers = {
  "--broadcast": {
    open: (ws) => ws.subscribe("all"),
    message: (ws, message) => server.publish("all", message),
  },
  // ?user=ID names the user of a connection. A message with to_user_id goes to that user, any other to all other users.
  "--users": {
    open(ws) {
      ws.subscribe("all");
      ws.subscribe("user/" + ws.data.user);
    },
    message(ws, message) {
      const to = JSON.parse(message).to_user_id;
      ws.publish(to ? "user/" + to : "all", message);
    },
  },
  // A message is a list of topics to subscribe to, which is answered, or goes to the other members of its topic.
  "--topics": {
    open() {},
    message(ws, message) {
      const { topic, data } = JSON.parse(message);
      if (topic) return ws.publish(topic, message);
      for (const name of data.topics) ws.subscribe(name);
      ws.send(message);
    },
  },
  undefined: {
    open() {},
    message: (ws, message) => ws.send(message),
  },
};

const server = Bun.serve({
  hostname,
  port: Number(port),
  fetch(request, server) {
    const user = mode === "--users" ? new URL(request.url).searchParams.get("user") : undefined;
    if (!server.upgrade(request, { data: { user } })) return new Response("send Upgrade: websocket", { status: 426 });
  },
  websocket: {
    perMessageDeflate: false,
    maxPayloadLength: 16 << 20,
    idleTimeout: 0,
    sendPings: false,
    ...handlers[mode],
  },
});
