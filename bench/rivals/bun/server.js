// The two jobs of bench/echo on Bun, whose WebSocket server is µWebSockets. It broadcasts with topics.
const at = process.argv.indexOf("--addr");
const [hostname, port] = at < 0 ? ["127.0.0.1", "9001"] : process.argv[at + 1].split(":");
const broadcast = process.argv.includes("--broadcast");

const server = Bun.serve({
  hostname,
  port: Number(port),
  fetch(request, server) {
    if (!server.upgrade(request)) return new Response("send Upgrade: websocket", { status: 426 });
  },
  websocket: {
    perMessageDeflate: false,
    maxPayloadLength: 16 << 20,
    idleTimeout: 0,
    sendPings: false,
    open(ws) {
      if (broadcast) ws.subscribe("all");
    },
    message(ws, message) {
      if (broadcast) server.publish("all", message);
      else ws.send(message);
    },
  },
});
