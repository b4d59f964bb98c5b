// A small server on Socket.IO with its Redis streams adapter: users with tokens, a room for each, and connection state recovery.
// bench/beside compares it with ours.
const { createServer } = require("node:http");
const { createAdapter } = require("@socket.io/redis-streams-adapter");
const jwt = require("jsonwebtoken");
const { createClient } = require("redis");
const { Server } = require("socket.io");

const flag = (name) => process.argv[process.argv.indexOf(name) + 1];
const [host, port] = flag("--addr").split(":");
const secret = process.env.JWT_SECRET;

async function main() {
  const redis = createClient({ url: "redis://" + flag("--redis") });
  redis.on("error", (error) => console.error(error.message)); // it connects again by itself
  await redis.connect();

  const http = createServer((request, response) => response.end()); // /readyz
  const io = new Server(http, {
    transports: ["websocket"],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    adapter: createAdapter(redis, { onlyPlaintext: true, maxLen: 100000 }), // the stream is one for all: 15,000 users' messages and more
    connectionStateRecovery: { maxDisconnectionDuration: 2 * 60 * 1000, skipMiddlewares: true },
  });
  io.engine.on("connection", (connection) => { connection.request = null; }); // its memory, which nothing needs later
  io.use((socket, next) => {
    try {
      socket.data.user = jwt.verify(socket.handshake.auth.token, secret, { algorithms: ["HS256"] }).sub;
      next();
    } catch {
      next(new Error("unauthorized"));
    }
  });
  io.on("connection", (socket) => {
    const user = socket.data.user;
    if (!socket.recovered) socket.join(user); // else its rooms are back
    socket.on("send", (to, data, acknowledge) => {
      const room = to ? io.to(to) : io;
      room.emit("message", { from: user, data });
      if (acknowledge) acknowledge(); // the library has no outcome of an emit
    });
  });
  http.listen({ host, port: Number(port), backlog: 4096 });
}

main();
