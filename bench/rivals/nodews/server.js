// The two jobs of bench/echo on Node.js and ws, and the one of bench/compare with users.
const { WebSocketServer } = require("ws");

const at = process.argv.indexOf("--addr");
const [host, port] = at < 0 ? ["127.0.0.1", "9001"] : process.argv[at + 1].split(":");
const broadcast = process.argv.includes("--broadcast");
const users = process.argv.includes("--users") ? new Map() : undefined;

const server = new WebSocketServer({ host, port: Number(port), perMessageDeflate: false, backlog: 4096 });
server.on("connection", (ws, request) => {
  ws.on("error", () => {}); // its close event follows
  if (users) return serveUser(ws, new URL(request.url, "ws://server").searchParams.get("user"));
  ws.on("message", (data, binary) => {
    if (!broadcast) return ws.send(data, { binary });
    for (const client of server.clients) client.send(data, { binary });
  });
});

// serveUser sends a message with to_user_id to that user, and any other to all other users.
function serveUser(ws, user) {
  users.set(user, ws);
  ws.on("close", () => {
    if (users.get(user) === ws) users.delete(user);
  });
  ws.on("message", (data, binary) => {
    const to = JSON.parse(data).to_user_id;
    if (to) return users.get(to)?.send(data, { binary });
    for (const client of server.clients) if (client !== ws) client.send(data, { binary });
  });
}
