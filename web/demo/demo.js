// The page: what a person does, and what a message looks like. How the connection is kept is connection.js's.
import { Connection } from "./connection.js";
import { log } from "./log.js";
import { People } from "./people.js";
import { claimsOf } from "./token.js";

const $ = (id) => document.getElementById(id);
const people = new People($("online"), $("count"), (id) => { $("to").value = id; $("text").focus(); });
const pings = new Map(); // message id → when it was sent, milliseconds

const connection = new Connection({
  state(state, text) {
    $("state").dataset.state = state;
    $("state").textContent = text;
    for (const id of ["send", "notify", "ping"]) $(id).disabled = state !== "open";
    $("disconnect").disabled = state === "closed" || state === "failed";
    $("connect").disabled = !$("disconnect").disabled;
  },
  message: show,
  note: (text) => log.note(text),
});

// show puts one message from the server on the page. What a server invents later is shown as it is.
function show(m) {
  const data = m.data ?? {};
  const shows = {
    text: () => log.message(m, people.name(m.from_user_id), words(data)),
    notification: () => log.message(m, people.name(m.from_user_id), words(data)),
    system_message: () => log.message(m, "the server", words(data)),
    user_joined: () => { people.add(data.user_id, data.username); log.message(m, data.username, "joined"); },
    user_left: () => { log.message(m, data.username, "left"); people.remove(data.user_id); },
    presence: () => { people.count(data); log.message(m, "", people.summary(data)); },
    pong: () => log.message(m, "", `pong${roundTrip(m.id)}`),
    error: () => log.message(m, data.code ?? "error", data.message ?? ""),
  };
  (shows[m.message_type] ?? (() => log.message(m, m.message_type, words(data))))();
}

// words returns what a person would read in a message's data, which may be any JSON value.
function words(data) {
  if (typeof data === "string") return data;
  if (data && typeof data.content === "string") return data.content;
  return JSON.stringify(data);
}

function roundTrip(id) {
  const sent = pings.get(id);
  pings.delete(id);
  return sent === undefined ? "" : ` after ${(performance.now() - sent).toFixed(1)} ms`;
}

function say(type) {
  const content = $("text").value.trim();
  if (!content) return $("text").focus();
  const to = $("to").value.trim();
  const m = envelope(type, { content });
  if (to) m.to_user_id = to;
  connection.send(m);
  log.own(type, to ? `you, to ${people.name(to)}` : "you", content);
  $("text").value = "";
  $("text").focus();
}

function ping() {
  const m = envelope("ping", {});
  pings.set(m.id, performance.now());
  connection.send(m);
}

function envelope(type, data) {
  return { id: newID(), message_type: type, data, timestamp: new Date().toISOString() };
}

// newID makes a random UUID. crypto.randomUUID exists on secure pages only, and this one is tried over http too.
function newID() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function connect() {
  const token = $("token").value.trim();
  if (!token) {
    log.note("A token is needed: momentum token --username you --email you@example.com prints one.");
    return $("token").focus();
  }
  const me = claimsOf(token);
  $("me").textContent = me ? `${me.username ?? me.sub} · ${me.sub}` : "this token cannot be read";
  if (me) people.self(me.sub, me.username);
  connection.open($("url").value.trim(), token);
}

$("connection").addEventListener("submit", (e) => { e.preventDefault(); connect(); });
$("disconnect").addEventListener("click", () => connection.close());
$("compose").addEventListener("submit", (e) => { e.preventDefault(); say("text"); });
$("notify").addEventListener("click", () => say("notification"));
$("ping").addEventListener("click", ping);

// whereToConnect guesses the server's address. The sidecar says which port WebSocket is on; behind a proxy it is
// the page's own host, and a page opened as a file tries the default.
async function whereToConnect() {
  if (location.protocol === "file:") return "ws://127.0.0.1:8000/ws";
  if (location.protocol === "https:") return `wss://${location.host}/ws`;
  try {
    const { port } = await (await fetch("server.json")).json();
    return `ws://${location.hostname}:${port}/ws`;
  } catch {
    return `ws://${location.host}/ws`;
  }
}

$("url").value = await whereToConnect();

// A token in the fragment never reaches a server, and does not stay in the address bar or the history.
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  history.replaceState(null, "", location.pathname + location.search);
  $("token").value = given;
  connect();
}
