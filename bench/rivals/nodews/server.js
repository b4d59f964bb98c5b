// The two jobs of bench/echo on Node.js and ws.
const { WebSocketServer } = require("ws");

const at = process.argv.indexOf("--addr");
const [host, port] = at < 0 ? ["127.0.0.1", "9001"] : process.argv[at + 1].split(":");
const broadcast = process.argv.includes("--broadcast");

const server = new WebSocketServer({ host, port: Number(port), perMessageDeflate: false, backlog: 4096 });
server.on("connection", (ws) => {
  ws.on("error", () => {}); // its close event follows
  ws.on("message", (data, binary) => {
    if (!broadcast) return ws.send(data, { binary });
    for (const client of server.clients) client.send(data, { binary });
  });
});
