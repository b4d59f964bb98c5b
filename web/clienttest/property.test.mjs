// Plays random orders of refusals, closes, delays, cuts and the program's calls, and checks that the client keeps its promises.
// A failure names its seed: SEED=n runs that order alone.
import assert from "node:assert/strict";
import test from "node:test";

import { connect } from "../client/momentum.js";
import { Server } from "./server.mjs";
import { World } from "./world.mjs";

const orders = 200;
const span = 2000; // seconds of one order
const finalCloses = [1002, 1007, 1008, 1009, 4003, 4004];
const finalStatuses = [400, 403, 404, 413, 414, 426, 431, 505];

test("in any order of events the client obeys the server and loses nothing", async () => {
  const seeds = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: orders }, (_, i) => i + 1);
  for (const seed of seeds) {
    try {
      await play(dice(seed));
    } catch (fault) {
      fault.message = `SEED=${seed}: ${fault.message}`;
      throw fault;
    }
  }
});

// dice is a source of randomness that a seed determines (mulberry32).
function dice(seed) {
  let a = seed;
  const roll = () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = (list) => list[Math.floor(roll() * list.length)];
  return { roll, pick, times: (most) => Math.floor(roll() * (most + 1)) };
}

async function play(d) {
  const world = new World(() => d.roll());
  const history = new History(d), script = [];
  const server = new Server(world, (n, request) => script[n] = entry(d, history, request));
  const mayRenew = d.roll() < 0.7;
  const client = connect({ url: "ws://momentum.example/ws", WebSocket: server.WebSocket, token: mayRenew ? tokens(d) : "t1" });
  const states = [], had = [], settled = new Map();
  client.on("state", (event) => { states.push({ ...event, at: world.now / 1000, attempt: server.requests.length }); surprise(d, client); });
  client.on("message", (m) => { had.push(m.id); surprise(d, client); });
  let sends = 0;
  for (let at = d.roll() * 20; at < span; at += d.roll() * 40) world.after(at * 1000, () => act(d, world, client, () => {
    const name = ++sends;
    const note = (outcome) => { settled.set(name, [...settled.get(name) ?? [], outcome]); };
    client.send({ name }).then(() => note("ack"), ({ code }) => note(code));
  }));
  await world.run(span * 1000);
  check({ server, script, states, had, mayRenew, closedByProgram: states.some(({ why }) => why === "closed") });
  client.close();
  await world.run((span + 1) * 1000);
  assert.equal(settled.size, sends, "a message is not settled");
  for (const [name, outcomes] of settled) assert.equal(outcomes.length, 1, `message ${name} is settled by ${outcomes}`);
  assert.equal(world.timers(), 0, "a closed client has timers");
  assert.equal(world.listeners(), 0, "a closed client listens to the page");
  assert.equal(server.open, 0, "a closed client has a socket");
}

// surprise is a fault in a handler of the program's, or a call of it.
function surprise(d, client) {
  if (d.roll() < 0.05) client.send("from a handler");
  if (d.roll() < 0.001) client.close();
}

function tokens(d) {
  let n = 0;
  return () => d.roll() < 0.2 ? Promise.reject(new Error("no token")) : `t${++n}`;
}

function act(d, world, client, send) {
  const acts = [send, send, send, () => world.fire(d.pick(["online", "offline", "pageshow"]), { persisted: d.roll() < 0.5 || undefined }),
    () => { world.hidden = !world.hidden; world.fire("visibilitychange"); }, () => { world.offline = !world.offline; },
    () => { const s = client.subscribe(d.pick(["a", "b", "c"]), () => {}); if (d.roll() < 0.3) s.unsubscribe(); }];
  d.pick(acts)();
}

// History is what the server keeps: the broadcast, numbered from 1.
class History {
  #seq = 0;
  epoch = 1;

  constructor(d) { this.d = d; }

  next() { return { message_type: "text", id: `e${this.epoch}-${++this.#seq}`, from_user_id: "u2", seq: this.#seq, data: 0 }; }

  // welcome answers a position, with the missed messages.
  welcome(resume) {
    if (this.d.roll() < 0.05) [this.epoch, this.#seq] = [this.epoch + 1, 0]; // the server was restarted
    const now = { epoch: `e${this.epoch}`, broadcast: this.#seq, direct: 0 };
    if (!resume) return { data: { ...now, resumed: false, reason: "new" }, missed: [] };
    const [epoch, seq] = resume.split(".");
    if (epoch !== now.epoch) return { data: { ...now, resumed: false, reason: "epoch" }, missed: [] };
    assert.ok(Number(seq) <= this.#seq, `the position ${resume} was never given`);
    for (let n = this.d.times(3); n > 0; n--) this.next(); // while the client was away
    const missed = Array.from({ length: this.#seq - seq }, (_, i) => ({ message_type: "text", id: `e${this.epoch}-${Number(seq) + i + 1}`, from_user_id: "u2", seq: Number(seq) + i + 1, data: 0 }));
    return { data: { ...now, broadcast: this.#seq, resumed: true, missed: missed.length }, missed };
  }
}

// entry makes up what the server does with an attempt.
function entry(d, history, { resume }) {
  const delay = d.pick([0, 0, 0.1, 3]);
  const kind = d.roll();
  if (kind < 0.1) return { lost: true, delay };
  if (kind < 0.13) return { silent: true };
  if (kind < 0.16) return { unheard: true, delay };
  if (kind < 0.2) return { accepts: true, delay };
  if (kind < 0.4) return { delay, refuse: refusal(d) };
  const welcome = history.welcome(resume), send = welcome.missed.map((message) => ({ after: 0, message }));
  let after = 0;
  for (let n = d.times(6); n > 0; n--) send.push({ after: after += d.roll() * 5, message: history.next() });
  const replies = Array.from({ length: d.times(10) }, () => d.pick(["ack", "ack", "none", "rate_limited", { error: { code: d.pick(["overloaded", "bus_unavailable", "user_not_online"]) } }]));
  const end = after + d.roll() * d.pick([1, 20, 200]);
  return { delay, open: { welcome: d.roll() < 0.03 ? null : welcome.data, send, replies, mute: d.roll() < 0.1, end: { after: end, ...ending(d) } } };
}

function refusal(d) {
  const status = d.pick([401, 401, 429, 503, 503, 503, 502, 408, ...d.roll() < 0.1 ? finalStatuses : []]);
  const named = [429, 503, 408].includes(status) && d.roll() < 0.8;
  return { status, code: status === 502 ? undefined : status === 401 ? "token_expired" : "busy", retry_after: named ? 1 + d.times(30) : undefined };
}

function ending(d) {
  if (d.roll() < 0.3) return { cut: true };
  const code = d.pick([1000, 1001, 1011, 1012, 1012, 1013, 4001, 4002, ...d.roll() < 0.1 ? finalCloses : []]);
  const named = (code === 1012 || code === 1013) && d.roll() < 0.8;
  return { close: { code, reason: named ? `the node is restarting; reconnect in ${1 + d.times(20)} s` : "" } };
}

function check({ server, script, states, had, mayRenew, closedByProgram }) {
  assert.ok(server.mostOpen <= 1, "there is more than one socket");
  assert.equal(new Set(had).size, had.length, `a message is handed over twice: ${had}`);
  for (const [i, { state, until }] of states.entries()) {
    if (state === "connecting" && i > 0) assert.equal(states[i - 1].state, "waiting");
    if (state === "closed") assert.equal(i, states.length - 1, "there is a state after closed");
    if (state === "waiting" && i > 0 && states[i - 1].state === "waiting") assert.ok(until <= states[i - 1].until, "a wake-up makes the wait longer");
  }
  server.requests.slice(1).forEach((request, n) => {
    const end = states.find(({ state, attempt }) => state === "waiting" && attempt === n + 1); // of the attempt before
    const seconds = named(script[n], end.why), wait = request.at - end.at;
    const tokenFailed = states.some(({ why, attempt }) => why === "token" && attempt === n + 1);
    assert.ok(wait >= (seconds ?? 0), `${end.why}: told to wait ${seconds} s, came after ${wait} s`);
    assert.ok(tokenFailed || wait < (seconds ? seconds + 0.91 : 30), `${end.why}: came after ${wait} s`);
  });
  const last = states.at(-1), lastEntry = script[server.requests.length - 1];
  if (last.state === "closed" && !closedByProgram) assert.ok(isFinal(lastEntry, mayRenew), `${last.why} ended it after ${JSON.stringify(lastEntry)}`);
  script.slice(0, -1).forEach((e) => {
    if (e.refuse && finalStatuses.includes(e.refuse.status) && !e.refuse.retry_after) assert.fail(`an attempt follows ${JSON.stringify(e)}`);
  });
}

// named is the time that the server named when an attempt ended.
function named(entry, why) {
  if (entry.refuse && (why === entry.refuse.code || why.startsWith("http:"))) return entry.refuse.retry_after;
  const close = entry.open?.end?.close;
  return close && why === `close:${close.code}` ? Number(/in (\d+) s/.exec(close.reason)?.[1]) || undefined : undefined;
}

function isFinal(entry, mayRenew) {
  if (entry.refuse) return finalStatuses.includes(entry.refuse.status) || entry.refuse.status === 401 && !mayRenew;
  const code = entry.open?.end?.close?.code;
  return finalCloses.includes(code) || !mayRenew && [4001, 4002].includes(code);
}
