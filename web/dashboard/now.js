// The first screen: the state of the node in this second.
import { $, element, fill, meter } from "./elements.js";
import { bytes, clock, ms, none, number, percent, span } from "./words.js";

const words = {
  calm: ["Calm", "No storm of handshakes."],
  storm: ["Storm", "Clients come all at once."],
  recovering: ["Recovering", "The peak is over, and clients are still expected back."],
};

// show writes a view.
export function show(v) {
  $("node").textContent = [v.node.name, v.node.version, `up ${span(v.seconds)}`].filter(Boolean).join(" · ");
  showStorm(v);
  showFaults(v.health);
  showDrain(v.drain);
  showTiles(v);
  showReactors(v);
  showCloses(v.closes);
  showLimits(v);
  showParts(v);
}

// set changes a text only if it differs, so that a screen reader is told of changes alone.
function set(place, text) { if (place.textContent !== text) place.textContent = text; }

function figures(place, pairs) {
  place.replaceChildren(...pairs.map(([name, value, more]) => element("div", {}, element("dt", {}, name), element("dd", {}, value, more ? element("small", {}, more) : null))));
}

function showStorm({ storm: s, handshake_rate: rate }) {
  $("strip").dataset.state = s.state;
  set($("state"), words[s.state][0]);
  $("since").textContent = `for ${span(s.seconds)}. ${words[s.state][1]}`;
  const refused = Object.values(s.refusals_per_second).reduce((a, b) => a + b, 0);
  const reasons = Object.entries(s.refusals_per_second).sort((a, b) => b[1] - a[1]).map(([why, n]) => `${why} ${number(n)}`).join(", ");
  figures($("storm"), [
    ["Arrivals", `${number(s.arrivals_per_second)}/s`],
    ["Admitted", `${number(s.admissions_per_second)}/s`, rate ? `limit ${number(rate)}/s` : "no limit"],
    ["Refused", `${number(refused)}/s`, reasons],
    ["Returning", percent(s.returning_share), s.returning_share === null ? (rate ? "nobody admitted" : "needs a rate limit") : "of the admitted"],
    ["Expected back", number(s.missing_clients), "clients"],
    ["Over in", s.missing_clients ? (s.over_in_seconds === null ? "unknown" : span(s.over_in_seconds)) : none, s.over_in_seconds === null ? "nobody is admitted" : ""],
    ["If everybody came back now", span(s.everybody_back_seconds), `${number(1e6 * s.handshake_cpu_seconds)} µs a handshake, ${s.handshake_cpu_measured ? "measured" : "a guess"}`],
  ]);
}

// showFaults names the parts that fail in each section of the page, because a node that has no storm is not necessarily well. A drain has its own.
function showFaults(health) {
  const faults = Object.entries(health?.parts ?? {}).filter(([name, says]) => says !== "ok" && name !== "draining");
  $("faults").hidden = !faults.length;
  set($("faults"), faults.map(([name, says]) => `${name}: ${says}`).join("; "));
}

function showDrain(d) {
  $("drain").hidden = !d;
  if (!d) return;
  Object.assign($("drained"), { max: Math.max(d.sessions, 1), value: d.sessions ? Math.max(0, d.sessions - d.remaining) : 1 });
  $("drain-text").textContent = d.over ? `The drain is over. ${number(d.remaining)} of ${number(d.sessions)} connections are left.`
    : `${number(d.remaining)} of ${number(d.sessions)} connections are left. It ends in ${span(d.seconds_left)} at the latest.`;
}

function tile(name, value, below, more) {
  return element("div", { className: "card tile" }, element("h3", {}, name), element("p", { className: "big" }, value), more ?? null, element("p", { className: "faint" }, below));
}

function showTiles(v) {
  const c = v.connections, r = v.per_second;
  $("tiles").replaceChildren(
    tile("Connections", number(c.now), `highest ${number(c.highest)}, limit ${number(c.limit)}`, meter(c.now, c.limit, "Connections of the limit")),
    tile("Users", number(v.users), `${number(r.closes)} closes/s`),
    tile("Handshake p50", ms(v.handshake.p50_ms), `p99 ${ms(v.handshake.p99_ms)}, over 10 s`),
    tile("Deliveries", `${number(r.deliveries)}/s`, `${bytes(r.bytes_sent)}/s out`),
    tile("Received", `${number(r.messages_received)}/s`, `${bytes(r.bytes_received)}/s in; refused ${number(r.rate_limited + r.overloaded)}/s`),
    tile("Processor", v.cpu_cores === null ? none : v.cpu_cores.toFixed(2), `cores, with ${v.reactors.length} ${v.reactors.length === 1 ? "reactor" : "reactors"}`),
  );
}

function showReactors(v) {
  const columns = [
    { title: "Reactor", cell: (r) => String(r.index) },
    { title: "CPU", num: true, cell: (r) => percent(r.cpu) },
    { title: "Lag p99", num: true, cell: (r) => ms(r.lag_p99_ms) },
    { title: "Mailbox", num: true, cell: (r) => bytes(r.mailbox_bytes) },
    { title: "To send", num: true, cell: (r) => bytes(r.waiting_bytes) },
    { title: "Slow clients", num: true, cell: (r) => bytes(r.queued_bytes) },
  ];
  fill($("reactors"), columns, v.reactors.map((r, index) => ({ ...r, index, className: r.lag_p99_ms > 100 ? "bad" : "" })));
}

function showCloses(closes) {
  const columns = [
    { title: "Reason", cell: (c) => c.reason },
    { title: "Code", num: true, cell: (c) => c.code ?? none },
    { title: "Closes", num: true, cell: (c) => number(c.count) },
    { title: "Comes back?", cell: (c) => c.again ? "yes" : "no" },
  ];
  fill($("minute"), columns, closes, "None in the last minute.");
}

function showLimits(v) {
  const h = v.host ?? {};
  const rows = [
    ["Connections", v.connections, number], ["Sockets", v.sockets, number], ["Descriptors", h.descriptors, number], ["Accept queue", h.accept_queue, number],
    ["Heap", h.heap_bytes, bytes], ["Memory of the control group", h.cgroup_memory_bytes, bytes], ["TCP memory of the host", h.tcp_memory_bytes, bytes],
  ].filter(([, level]) => level && (level.now || level.highest || level.limit));
  const columns = [
    { title: "Limit", cell: ([name]) => name },
    { title: "Now", num: true, cell: ([, l, text]) => text(l.now) },
    { title: "Highest", num: true, cell: ([, l, text]) => text(l.highest) },
    { title: "Limit", num: true, cell: ([, l, text]) => l.limit ? text(l.limit) : none },
    { title: "Used", cell: ([name, l]) => meter(l.now, l.limit, name) },
  ];
  fill($("limits"), columns, rows);
}

function showParts(v) {
  const parts = Object.entries(v.health?.parts ?? {});
  const rows = parts.map(([name, says]) => ({ name, says, className: says === "ok" ? "" : "bad" }));
  if (v.bus) rows.push({ name: "bus", says: v.bus, className: ["healthy", "slow"].includes(v.bus) ? "" : "bad" });
  if (v.host) rows.push({ name: "accept overflows", says: number(v.host.accept_overflows), className: v.host.accept_overflows ? "bad" : "" });
  rows.push({ name: "viewers", says: `${number(v.viewers.now)} of ${number(v.viewers.limit)}` });
  rows.push({ name: "as of", says: clock(v.at) });
  fill($("parts"), [{ title: "Part", cell: (r) => r.name }, { title: "State", cell: (r) => r.says }], rows);
}
