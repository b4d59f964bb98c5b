// Plays the table that both clients have in common, and that of pages.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { connect } from "../client/momentum.js";
import { Server } from "./server.mjs";
import { World } from "./world.mjs";

for (const table of ["../../client/testdata/behaviour.json", "testdata/pages.json"]) {
  const cases = JSON.parse(readFileSync(new URL(table, import.meta.url), "utf8"), unrolled);
  for (const c of cases) test(c.name, () => play(c));
}

// unrolled returns a list with each entry that has times, and is no event of the program, so many times. In the n-th, #n is n.
function unrolled(key, list) {
  if (!Array.isArray(list)) return list;
  return list.flatMap((entry) => {
    const { times, ...one } = entry ?? {};
    return !times || one.do ? [entry] : Array.from({ length: times }, (_, i) => JSON.parse(JSON.stringify(one).replaceAll("#n", i + 1)));
  });
}

async function play(c) {
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
  await world.run(1000 * (c.end ?? 1 + Math.max(0, ...[...c.expect, ...c.settled ?? []].map(({ at }) => at))));
  matchAll(seen, c.expect, "the program gets");
  matchAll(settled, c.settled ?? [], "it is settled");
  const named = (object) => JSON.parse(JSON.stringify(object), (key, value) => typeof value === "string" && value[0] === "#" ? program.ids.get(value.slice(1)) : value);
  if (c.requests) matchAll(server.requests, c.requests, "the server is asked");
  if (c.sent) matchAll(server.sent, named(c.sent), "the client sends");
  if (c.sent_count !== undefined) assert.equal(server.sent.length, c.sent_count);
  if (c.tokens) assert.deepEqual(tokens, c.tokens);
  if (c.questions) matchAll(server.questions, c.questions, "a failed handshake is asked about");
  if (c.users) assert.deepEqual(Object.fromEntries(client.presence), c.users);
  if (c.online) assert.equal(client.online, c.online);
  assert.equal(server.mostOpen <= 1, true, "there was more than one socket");
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
class Late {
  constructor(server, data) { Object.assign(this, { server, data }); }
  toString() { return this.server.sent.find(({ message }) => JSON.stringify(message.data) === JSON.stringify(this.data))?.message.id; }
}

function matchAll(got, want, what) {
  assert.equal(got.length, want.length, `${what} ${JSON.stringify(got, null, 1)}`);
  got.forEach((one, i) => assert.ok(matches(one, want[i]), `${what} ${JSON.stringify(one)}, want ${JSON.stringify(want[i])}`));
}

// matches compares the fields that the expectation names.
function matches(got, want) {
  if (typeof want === "number") return Math.abs(got - want) < 0.011;
  if (want instanceof Late) return got === String(want);
  if (typeof want !== "object" || want === null) return got === want;
  if (typeof got !== "object" || got === null) return want === null;
  if (Array.isArray(want) && want.length !== got.length) return false;
  return Object.entries(want).every(([key, value]) => matches(got[key], value));
}
