// The page: what a person does, and what comes of it. The connection is the client's, ../client/momentum.js.
import { connect } from "../client/momentum.js";
import { keep, kept } from "./keep.js";
import { log } from "./log.js";
import { People } from "./people.js";
import { Picker } from "./picker.js";
import { claimsOf, guestToken, server, tokenGiven } from "./place.js";
import { Topics } from "./topics.js";
import { contentOf, fate, reasonOf, returned } from "./words.js";

const $ = (id) => document.getElementById(id);
const picker = new Picker($("to"), $("other"));
const people = new People($("online"), $("count"), (id) => { picker.pick(id); $("text").focus(); });
const topics = new Topics($("topics"), { changed: (names) => picker.offer({ topics: names }), heard: hear });
const missed = new Map(); // topic, or "" → how many of the next messages were missed

let client = null;
let whose = ""; // the user and the server that the position is of
let lost = 0; // when the last connection ended, as in Date.now()
let entered = false; // the client has been connected

// Connecting

function enter(url, token, position) {
  client?.close();
  const me = claimsOf(token), now = `${me?.sub} at ${url}`;
  if (now === whose) position ??= client?.position;
  else if (whose) topics.restore([]); // they were another user's
  whose = now;
  entered = false;
  [$("url").value, $("token").value] = [url, token];
  showSelf(me);
  const mine = client = connect({ url, token, position: position?.epoch ? position : undefined, presence: true });
  const ours = (handle) => (event) => { if (mine === client) handle(event); };
  client.on("state", ours(showState));
  client.on("message", ours(hear));
  client.on("resumed", ours(resumed));
  client.on("gap", ours(({ topic }) => log.warning(`${topic ? `#${topic}: m` : "M"}essages are missing here: more came than the server keeps.`)));
  client.on("presence", ours(showPresence));
  client.on("error", ours(showError));
  topics.moveTo(client);
}

function leave() {
  client?.close();
  save(false);
}

function showState({ state, why, until }) {
  const failed = state === "closed" && why !== "closed";
  if (state === "open" && !entered) takeFocus();
  if ($("state").dataset.state === "open" && state !== "open") lost = Date.now();
  $("state").dataset.state = failed ? "failed" : state;
  $("state").textContent = { connecting: "connecting …", open: "connected", waiting: reasonOf(why), closed: failed ? `closed: ${reasonOf(why)}` : "disconnected" }[state];
  countDown(until);
  if (failed) log.warning(`The connection has ended: ${reasonOf(why)}.`);
  const over = state === "closed";
  for (const id of ["send", "notify", "follow"]) $(id).disabled = over || !entered;
  $("ping").disabled = state !== "open";
  $("disconnect").disabled = $("disconnect").hidden = over;
  $("settings").open = over || !entered;
  $("connect").disabled = !over;
  invite(over);
  if (state !== "open") people.show(new Map(), NaN, offerPeople);
  if (state === "open") save(true);
}

// invite shows the way in. A guest needs it also below a conversation: in development mode, a restart of the server ends the guest's token.
function invite(closed) { $("empty").hidden = !closed || (log.entries().length > 0 && $("guest").hidden); }

// takeFocus moves the focus from the forms that disappear to the message.
function takeFocus() {
  entered = true;
  const at = document.activeElement;
  setTimeout(() => { if (at === document.body || $("settings").contains(at) || $("empty").contains(at)) $("text").focus(); });
}

let counting = 0;

// countDown shows how long the page still waits. Screen readers are told of the state, not of every second.
function countDown(until) {
  clearInterval(counting);
  $("countdown").textContent = "";
  if (!until) return;
  const show = () => { $("countdown").textContent = `trying again in ${Math.max(0, Math.ceil((until - Date.now()) / 1000))} s`; };
  counting = setInterval(show, 250);
  show();
}

function showSelf(me) {
  people.me = me?.sub;
  $("self").hidden = false;
  $("me").textContent = me ? me.username ?? me.sub : "a token that cannot be read";
  $("copy").hidden = !me?.sub;
  $("copy").onclick = () => copy(me.sub);
}

async function copy(id) {
  try {
    await navigator.clipboard.writeText(id);
    $("copy").textContent = "Copied";
    setTimeout(() => { $("copy").textContent = "Copy id"; }, 2000);
  } catch {
    log.note(`Your id: ${id}`); // the browser lets only secure pages write to the clipboard
  }
}

// Hearing

function hear(m) {
  const key = m.topic ?? "", left = missed.get(key) ?? 0;
  if (m.seq && left) missed.set(key, left - 1);
  const who = m.message_type === "system_message" ? "the server" : m.from_username ?? people.name(m.from_user_id);
  log.message(m, who, contentOf(m.data), Boolean(m.seq && left));
}

function resumed(news) {
  missed.set(news.topic ?? "", news.resumed ? news.missed : 0);
  if (news.topic && !news.missed && news.resumed) return; // nothing to tell
  const text = returned(news, lost ? (Date.now() - lost) / 1000 : news.away);
  if (news.resumed) log.note(text);
  else log.warning(text);
}

function showPresence({ topic, joined, left, online, listed }) {
  people.met([...joined, ...left]);
  if (topic) return topics.refresh();
  people.show(client.presence, online, offerPeople);
  if (listed) return; // they were here before
  if (joined.length + left.length > 2) log.aside("presence", `${joined.length} came, ${left.length} left, ${online} online`);
  else for (const [type, users] of [["user_joined", joined], ["user_left", left]]) {
    for (const { username } of users) log.aside(type, `${username} ${type === "user_joined" ? "joined" : "left"}`);
  }
}

function offerPeople(shown) { picker.offer({ people: shown.filter(([id]) => id !== people.me) }); }

function showError({ code, message, topic }) {
  if (topic && code === "node_full") return log.warning(`#${topic} is full now. The page tries again.`);
  if (topic) topics.lost(topic);
  log.warning(topic ? `#${topic} is no longer followed: ${code}.` : `The server refuses something: ${message || code} (${code})`);
}

// Saying

function say(type) {
  const content = $("text").value.trim(), target = picker.target();
  if (!target) return $("other").focus();
  if (!content) return $("text").focus();
  const to = target.topic ? `#${target.topic}` : target.to && `to ${people.name(target.to)} only`;
  const settle = log.own(type, to, content, target.topic);
  client.send({ content }, { type, ...target }).then((receipt) => settle(fate(receipt)), (fault) => {
    settle("not sent", true);
    log.warning(`Not sent: ${fault.message} (${fault.code})`);
  });
  $("text").value = "";
  $("text").focus();
}

async function ping() {
  const begun = performance.now();
  try {
    await client.ask("ping");
    log.aside("pong", `pong after ${(performance.now() - begun).toFixed(1)} ms`);
  } catch {
    log.warning("No pong: the connection was lost.");
  }
}

async function follow() {
  const name = $("topic").value.trim();
  if (!name) return $("topic").focus();
  $("topic").value = "";
  try {
    await topics.follow(client, name);
    picker.pick(`#${name}`);
  } catch (fault) {
    log.warning(`#${name} cannot be followed: ${fault.code}.`);
  }
}

// Over a reload

function save(connected) {
  keep({ connected, url: $("url").value, token: connected ? $("token").value : undefined, whose, lost: Date.now(), position: client?.position, topics: topics.positions(), entries: log.entries() });
}

addEventListener("pagehide", () => { if (client) save(client.state !== "closed"); });

$("connection").addEventListener("submit", (e) => {
  e.preventDefault();
  const token = $("token").value.trim();
  if (token) return enter($("url").value.trim(), token);
  log.note("A token is needed: momentum token --username you --email you@example.com prints one.");
  $("token").focus();
});
$("guest").addEventListener("submit", async (e) => {
  e.preventDefault();
  try {
    enter($("url").value.trim(), await guestToken($("name").value.trim()));
  } catch (fault) {
    log.warning(`There is no place for guests: ${fault.message}`);
  }
});
$("disconnect").addEventListener("click", leave);
$("compose").addEventListener("submit", (e) => { e.preventDefault(); say("text"); });
$("notify").addEventListener("click", () => say("notification"));
$("ping").addEventListener("click", ping);
$("subscribe").addEventListener("submit", (e) => { e.preventDefault(); follow(); });

// A link with a token, opened in a tab that shows the page already, loads nothing.
addEventListener("hashchange", () => {
  const given = tokenGiven();
  if (given) enter($("url").value, given);
});

async function begin() {
  const given = tokenGiven(), before = kept(), found = await server();
  $("url").value = before.url ?? found.url;
  $("guest").hidden = !found.guests;
  $("hint").hidden = found.guests;
  if (given && !(before.connected && before.token === given)) return enter(found.url, given);
  log.restore(before.entries ?? []);
  invite(true);
  if (!before.connected) return;
  [whose, lost] = [before.whose, before.lost];
  topics.restore(before.topics);
  enter(before.url, before.token, before.position);
}

begin();
