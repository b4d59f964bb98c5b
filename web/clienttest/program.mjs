// The user of a client: it does what a case of client/testdata/README.md says, and records what it gets.
import { connect } from "../client/momentum.js";
import { Server } from "./server.mjs";
import { World } from "./world.mjs";

// perform plays a case until its end, in seconds, and returns all that the program and the server have seen.
export async function perform(c, end = 0) {
  const { random = [0], token_fails: fails = [], token_takes: takes = [], idle, presence } = c.options ?? {};
  const world = new World((draw) => random[Math.min(draw, random.length - 1)]);
  const server = new Server(world, (attempt) => c.server[Math.min(attempt, c.server.length - 1)]);
  const seen = [], settled = [], tokens = [];
  const token = c.options?.token !== "function" ? "t1" : async (why) => {
    const call = tokens.push(why);
    if (takes[call - 1]) await new Promise((resolve) => world.after(takes[call - 1] * 1000, resolve));
    if (fails.includes(call)) throw new Error("no token");
    return `t${call}`;
  };
  const client = connect({ url: "ws://momentum.example/ws", token, idle, presence, ...c.options?.more, WebSocket: server.WebSocket });
  const note = (event) => seen.push({ at: world.now / 1000, ...event });
  client.on("state", ({ state, why, until }) => note({ state, why, until: until && (until - Date.now()) / 1000 + world.now / 1000 }));
  for (const name of ["message", "gap", "resumed", "error"]) client.on(name, (data) => note({ [name]: data }));
  const program = new Program({ client, world, settled, note, server });
  for (const event of c.events ?? []) {
    if (event.at === 0) program.do(event);
    else world.after(event.at * 1000, () => program.do(event));
  }
  await world.run(1000 * (c.end ?? end));
  return { client, server, seen, settled, tokens, program };
}

// Program does what a case says.
class Program {
  ids = new Map(); // of messages, by the names of their events
  #topics = new Map();

  constructor(parts) { Object.assign(this, parts); }

  do(event) {
    const { client, world } = this;
    switch (event.do) {
      case "send": return event.times ? this.#repeat(event) : this.#send(event);
      case "subscribe": return this.#subscribe(event);
      case "unsubscribe": return this.#settle(event.name, this.#topics.get(event.topic).unsubscribe());
      case "wake": return world.fire("online");
      case "pageshow": return world.fire("pageshow", { persisted: event.persisted });
      case "offline": world.offline = true; return world.fire("offline");
      case "online": world.offline = false; return world.fire("online");
      case "hide": world.hidden = true; return world.fire("visibilitychange");
      case "show": world.hidden = false; return world.fire("visibilitychange");
      case "sleep": world.slept += event.seconds * 1000; return;
      case "close": return client.close();
    }
    throw new Error(`there is no event ${event.do}`);
  }

  #repeat({ times, name, ...event }) { for (let i = 1; i <= times; i++) this.#send({ ...event, name: name + i }); }

  #send({ name, data, bytes, type, to, topic }) {
    if (bytes) data = "x".repeat(bytes);
    const before = this.server.sent.length;
    this.#settle(name, this.client.send(data, { type, to, topic }).finally(() => {}));
    this.ids.set(name, this.server.sent[before]?.message.id ?? new Late(this.server, data, this.ids));
  }

  #subscribe({ name, topic, presence, position }) {
    const subscription = this.client.subscribe(topic, (message) => this.note({ message }), { presence, position });
    this.#topics.set(topic, subscription);
    this.#settle(name, subscription.ready);
  }

  #settle(name, promise) {
    if (!name) return;
    const at = () => this.world.now / 1000;
    promise.then((ack) => this.settled.push({ name, at: at(), ack }), ({ code }) => this.settled.push({ name, at: at(), code }));
  }
}

// Late is the id of a message that waits: that of the first one sent with its data.
export class Late {
  constructor(server, data) { Object.assign(this, { server, data }); }
  toString() { return this.server.sent.find(({ message }) => JSON.stringify(message.data) === JSON.stringify(this.data))?.message.id; }
}
