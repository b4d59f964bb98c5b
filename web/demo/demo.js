// The page: what a person does, and what a message looks like. How the connection is kept is connection.js's.
import { Connection } from "./connection.js";
import { log } from "./log.js";
import { People } from "./people.js";
import { claimsOf } from "./token.js";

const $ = (id) => document.getElementById(id);
const people = new People($("online"), $("count"), (id) => { $("to").value = id; $("text").focus(); });
const pings = new Map(); // message id → when it was sent, milliseconds
let before = {}; // the last numbers of the channels when this connection began

const connection = new Connection({
  state(state, text) {
    $("state").dataset.state = state;
    $("state").textContent = text;
    for (const id of ["send", "notify", "ping"]) $(id).disabled = state !== "open";
    $("disconnect").disabled = state === "closed" || state === "failed";
    $("connect").disabled = !$("disconnect").disabled;
    if (state === "open") { people.clear(); pings.clear(); }
  },
  message(m) { (shows.get(m.message_type) ?? showUnknown)(m, m.data ?? {}); },
  note: (text) => log.note(text),
});

const said = (m) => log.message(m, sender(m), words(m.data), wasMissed(m));

// How a message of each type is put on the page.
const shows = new Map([
  ["text", said],
  ["notification", said],
  ["system_message", (m) => log.message(m, "the server", words(m.data), wasMissed(m))],
  ["welcome", (m, data) => welcome(data)],
  ["position", (m, data) => { if (!data.topic) before = data; log.warning("The server has begun to number anew: messages may be missing here."); }],
  ["gap", () => log.warning("Messages are missing here: more came than the server keeps.")],
  ["user_joined", (m, data) => { people.joined(data.user_id, data.username); log.message(m, data.username, "joined"); }],
  ["user_left", (m, data) => { people.left(data.user_id); log.message(m, data.username, "left"); }],
  ["presence", (m, data) => { people.presence(data); log.message(m, "", people.summary(data)); }],
  ["pong", (m) => log.message(m, "", `pong${roundTrip(m.id)}`)],
  ["token_expiring", (m, data) => log.message(m, "the server",
    `the token expires in ${data.seconds} s: connect with another one before ${new Date(data.expires_at).toLocaleTimeString()}`)],
  ["refreshed", (m, data) => log.message(m, "the server", `the new token is good until ${new Date(data.expires_at).toLocaleTimeString()}`)],
  ["error", (m, data) => log.message(m, data.code ?? "error", data.message ?? "")],
]);

// What a server invents later is shown as it is.
function showUnknown(m) { log.message(m, sender(m), words(m.data)); }

function sender(m) { return m.from_username ?? people.name(m.from_user_id); }

// Why messages may be missing, by the reason in a welcome.
const losses = new Map([
  ["epoch", "the server was restarted"],
  ["expired", "it was too long ago"],
  ["too_many", "there were more than the server keeps"],
  ["unknown", "the server does not know where this page was"],
]);

// welcome says what became of the messages that came while there was no connection.
function welcome(data) {
  before = data;
  if (data.resumed) log.note(data.missed ? `Back again. Missed meanwhile: ${data.missed}.` : "Back again. Nothing was missed.");
  else if (data.reason !== "new") log.warning(`Back again. Messages may be missing: ${losses.get(data.reason) ?? data.reason}.`);
}

function wasMissed(m) { return !m.topic && m.seq <= (m.to_user_id ? before.direct : before.broadcast); }

// words returns what a person would read in a message's data, which may be any JSON value.
function words(data) {
  if (typeof data === "string") return data;
  if (typeof data?.content === "string") return data.content;
  return JSON.stringify(data) ?? "";
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
  if (!connection.send(m)) return log.note("Not sent: the connection is closing.");
  log.own(type, to && people.name(to), content);
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
  connection.open($("url").value.trim(), token, me?.sub);
}

$("connection").addEventListener("submit", (e) => { e.preventDefault(); connect(); });
$("disconnect").addEventListener("click", () => connection.close());
$("compose").addEventListener("submit", (e) => { e.preventDefault(); say("text"); });
$("notify").addEventListener("click", () => say("notification"));
$("ping").addEventListener("click", ping);

// tokenGiven takes the token out of the fragment, which never reaches a server, before anything is waited for:
// it must not stay in the address bar or the history.
function tokenGiven() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

// whereToConnect guesses the server's address: this page's own host. Only a page that came straight from the
// admin port is to go to another one, which the sidecar names; a proxy in between, or a file server, shows in
// the port being none of the sidecar's.
async function whereToConnect() {
  if (location.protocol === "https:") return `wss://${location.host}/ws`;
  const own = `ws://${location.host}/ws`;
  try {
    const server = await (await fetch("server.json")).json();
    return Number(location.port || 80) === server.page_port ? `ws://${location.hostname}:${server.port}/ws` : own;
  } catch {
    return own;
  }
}

const given = tokenGiven();
$("url").value = await whereToConnect();
if (given) {
  $("token").value = given;
  connect();
}
