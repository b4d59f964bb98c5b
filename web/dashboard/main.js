// The page: the token, the stream, and which section is shown.
import { Bans, Messages } from "./acts.js";
import { Charts } from "./charts.js";
import { $ } from "./elements.js";
import { Changes, Closes, Connections, Nodes, Topics } from "./lists.js";
import { show } from "./now.js";
import { Past } from "./past.js";
import { allow } from "./sections.js";
import { follow } from "./stream.js";
import { current, use } from "./token.js";
import { Users } from "./users.js";

const past = new Past(), charts = new Charts($("charts"), past);
const connections = new Connections(), nodes = new Nodes();
const sections = { now: null, connections, closes: new Closes(), users: new Users(), topics: new Topics(), messages: new Messages(), bans: new Bans(), changes: new Changes(), nodes };
let stream = null, section = "now";

// The stream

function begin() {
  stream?.stop();
  stream = follow({ handle, state: lost, refused });
}

function handle(name, data) {
  if (name === "caller") return welcome(data);
  if (name === "history") {
    past.load(data);
    if (!$("now").hidden) charts.update();
  }
  if (name !== "view") return;
  live("live", "live");
  past.push(data);
  Object.assign(nodes.self, data.node);
  show(data);
  if (!$("now").hidden) charts.update();
}

// welcome shows the page as the caller may use it.
async function welcome({ name, right }) {
  document.body.dataset.right = right;
  document.body.dataset.why = right === "write" ? "" : `The token "${name}" may only read. Messages, disconnects, bans and lifts need one with the right write.`;
  $("caller").textContent = name === "local" ? "this host, without a token" : `${name} (${right})`;
  $("forget").hidden = !current();
  $("gate").hidden = true;
  const first = $("page").hidden;
  $("page").hidden = false;
  allow(document);
  if (!first) return;
  const there = await connections.exists();
  document.querySelector('nav a[href="#/connections"]').hidden = !there;
  if (!there) delete sections.connections;
  choose();
}

function live(state, text) {
  if ($("live").dataset.state === state && $("live").textContent === text) return;
  $("live").dataset.state = state;
  $("live").textContent = text;
  document.body.classList.toggle("stale", state !== "live");
}

// lost says that the figures are old.
function lost(why) { live("lost", `not live: ${why}; trying again`); }

// refused asks for a token, and says why the last one was refused.
function refused(fault) {
  const had = current();
  use("");
  $("page").hidden = true;
  $("gate").hidden = false;
  $("forget").hidden = true;
  $("caller").textContent = $("node").textContent = "";
  live("refused", "no access");
  const wrong = fault.code === "unauthorized" ? (had ? "The node does not accept this token: it is misspelt, or no longer valid." : "") : fault.message;
  $("refusal").textContent = wrong && `${wrong} (${fault.code})`;
  $("token").focus();
}

$("token-form").addEventListener("submit", (e) => {
  e.preventDefault();
  use($("token").value.trim());
  $("token").value = "";
  $("refusal").textContent = "";
  begin();
});

$("forget").addEventListener("click", () => {
  use("");
  location.reload(); // so that nothing that was shown stays in the page
});

// The sections

function choose() {
  const wanted = location.hash.slice(2); // with a slash, so that the browser does not scroll to the section
  section = document.body.dataset.section = wanted in sections ? wanted : "now";
  for (const name of ["now", "connections", "closes", "users", "topics", "messages", "bans", "changes", "nodes"]) $(name).hidden = name !== section;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash.slice(2) === section) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.querySelector('nav a[aria-current="page"]').scrollIntoView({ block: "nearest", inline: "nearest" });
  if (section === "now") charts.update();
  else sections[section].show();
}

addEventListener("hashchange", choose);

// The heaviest connections and the nodes change by themselves. Rows in which a person is stay.
setInterval(() => {
  if (document.hidden || $("page").hidden || document.body.classList.contains("stale")) return;
  if (section === "connections" && !connections.busy() && !connections.form.elements.by.value) connections.show();
  if (section === "nodes") nodes.show();
}, 3000);

begin();
