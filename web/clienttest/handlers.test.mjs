// The handlers of the program: their faults, and what they may do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { connect } from "../client/momentum.js";
import { Server } from "./server.mjs";
import { World } from "./world.mjs";

const hello = { message_type: "text", id: "m1", seq: 1, data: "hello" };

function start(open = {}, options = {}) {
  const world = new World(() => 0.5);
  const server = new Server(world, () => ({ open }));
  return { world, server, client: connect({ url: "ws://momentum.example/ws", token: "t1", WebSocket: server.WebSocket, ...options }) };
}

test("a fault in a handler reaches the platform, and neither other handlers nor the client", async () => {
  const { world, client } = start({ send: [{ after: 1, message: hello }] });
  const faults = [], heard = [], real = globalThis.queueMicrotask;
  globalThis.queueMicrotask = (act) => real(() => { try { act(); } catch (fault) { faults.push(fault.message); } });
  client.on("message", () => { throw new Error("a fault of the program's"); });
  client.on("message", (m) => heard.push(m.data));
  await world.run(2000);
  globalThis.queueMicrotask = real;
  assert.deepEqual(heard, ["hello"]);
  assert.deepEqual(faults, ["a fault of the program's"]);
  assert.deepEqual(client.position, { epoch: "e1", broadcast: 1, direct: 0 });
});

test("a handler that is removed hears nothing more", async () => {
  const { world, client } = start({ send: [{ after: 1, message: hello }, { after: 2, message: { ...hello, id: "m2", seq: 2 } }] });
  const heard = [];
  const off = client.on("message", (m) => { heard.push(m.id); off(); });
  await world.run(3000);
  assert.deepEqual(heard, ["m1"]);
});

test("a handler may close the client in the middle of anything", async () => {
  for (const name of ["state", "resumed", "message"]) {
    const { world, server, client } = start({ send: [{ after: 1, message: hello }] }, { presence: true, position: { epoch: "e1", broadcast: 0, direct: 0 } });
    const after = [];
    client.on(name, (event) => { if (event.state !== "connecting") client.close(); });
    for (const each of ["state", "resumed", "message"]) client.on(each, (event) => { if (client.state === "closed") after.push(event.state ?? each); });
    await world.run(100_000);
    assert.deepEqual([client.state, server.open, world.timers()], ["closed", 0, 0]);
    assert.deepEqual(after.filter((event) => event === (name === "state" ? "resumed" : "message") && event !== name), [], "an event comes after the end");
  }
});

test("a handler that closes the client gets no later message of a topic that was held", async () => {
  const held = [8, 9].map((seq) => ({ after: 0.5, message: { ...hello, id: `m${seq}`, seq, topic: "news" } }));
  const { world, client } = start({ slow: 1, send: held, topics: { news: { seq: 9, epoch: "t1", resumed: false, reason: "expired" } } });
  const heard = [];
  client.subscribe("news", (m) => { heard.push(m.id); client.close(); }, { position: { epoch: "t0", seq: 3 } });
  await world.run(3000);
  assert.deepEqual(heard, ["m8"]);
});

test("a handler that closes the client while requests are sent keeps later ones from the closed socket", async () => {
  const { world, client } = start({ requests: ["rate_limited", "rate_limited"] });
  const faults = [];
  client.on("error", () => client.close());
  client.subscribe("news", () => {}, { position: { epoch: "t0", seq: 3 } });
  await world.run(500);
  world.slept = 250_000; // the subscription has waited for too long
  client.send("after it");
  await world.run(3000).catch((fault) => faults.push(fault.message));
  assert.deepEqual([client.state, faults], ["closed", []]);
});

test("promises that nobody looks at end no program", async () => {
  const { world, client } = start();
  client.send("hello");
  client.subscribe("news", () => {});
  client.close();
  client.send("hello");
  client.ask("ping");
  await world.run(1000); // node:test fails on a rejection without a handler
});

test("a message without a receiver is not sent to everybody", async () => {
  const { world, server, client } = start();
  await world.run(1000);
  await assert.rejects(client.sendTo(undefined, "secret"), { code: "bad_user_id" });
  await assert.rejects(client.sendTo("", "secret"), { code: "bad_user_id" });
  await assert.rejects(client.publish(undefined, "secret"), { code: "bad_topic" });
  assert.deepEqual(server.sent, []);
});

test("the answer to a request is its data", async () => {
  const { world, client } = start();
  const answers = [];
  await assert.rejects(client.ask("ping", "early"), { code: "not_open" });
  client.on("state", ({ state }) => { if (state === "open") client.ask("ping", [1, "two"]).then((data) => answers.push(data)); });
  await world.run(1000);
  assert.deepEqual(answers, [[1, "two"]]);
});

test("a topic that is subscribed again in a pause holds its messages", async () => {
  const message = { ...hello, id: "m9", seq: 9, topic: "news" };
  const { world, client } = start({ replies: ["rate_limited"], send: [{ after: 2.001, message }] });
  const faults = [], catchFault = (fault) => faults.push(fault.message);
  await world.run(500);
  const first = client.subscribe("news", () => {});
  await world.run(1990);
  client.send("x");
  await world.run(1995);
  first.unsubscribe();
  const again = client.subscribe("news", () => {});
  await world.run(5000).catch(catchFault);
  assert.deepEqual(faults, []);
  await again.ready;
});

test("the count of a topic's subscriptions is not the number of its users", async () => {
  const users = [{ user_id: "u1", username: "ann" }];
  const summary = { message_type: "presence", topic: "news", data: { joined: 1, left: 0, online: 2, sample: { joined: users, left: [] } } };
  const { world, client } = start({ who: [{ topic: "news", count: 3, users }], send: [{ after: 1, message: summary }] });
  const news = client.subscribe("news", () => {}, { presence: true });
  await world.run(500);
  assert.deepEqual([news.presence.size, client.subscribe("news", () => {}).online], [1, NaN]);
  await world.run(2000);
  assert.equal(client.subscribe("news", () => {}).online, 2);
});

test("a token function that never settles is called again", async () => {
  let calls = 0;
  const { world, client } = start({}, { token: () => ++calls > 1 ? "t2" : new Promise(() => {}) });
  await world.run(10_100);
  assert.deepEqual([client.state, client.why], ["waiting", "token"]);
  await world.run(12_000);
  assert.deepEqual([client.state, calls], ["open", 2]);
});

test("without a class of sockets the client says so", async () => {
  const { world, client } = start({}, { WebSocket: null });
  await world.run(1000);
  assert.deepEqual([client.state, client.why], ["closed", "TypeError"]);
});

test("the types name all that a client has, and nothing else", async () => {
  const { client } = start();
  const types = readFileSync(new URL("../client/momentum.d.ts", import.meta.url), "utf8");
  const declared = (name) => [...types.match(new RegExp(`interface ${name}\\b[^{]*{\n([^}]*(?:{[^}]*}[^}]*)*?)\n}`))[1].matchAll(/^ {2}(?:readonly )?(\w+)/gm)].map((m) => m[1]);
  client.close();
  const own = new Set([...Object.keys(client), "why", "until", "presence", "online"]); // the first event sets two; two are those of all topics' room
  assert.deepEqual([...own].sort(), declared("Client").sort());
  assert.deepEqual([client.presence.size, client.online], [0, NaN]);
  const options = /connect\(\{ (.*?) \}\)/s.exec(connect.toString())[1].split(",").map((option) => option.trim().split(" ")[0]);
  assert.deepEqual(options.sort(), declared("Options").sort());
});
