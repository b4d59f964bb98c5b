// The sections that list what the node knows: connections, closes, topics, nodes, changes.
import { ask, query } from "./calls.js";
import { $, element, fill, twice } from "./elements.js";
import { List, partial, reason } from "./sections.js";
import { bytes, clock, ms, none, number, span } from "./words.js";

const who = (r) => r.username || r.user_id || none;

// Heaviest connections

export class Connections extends List {
  constructor() {
    const drop = (r) => r.ended ? `ended: ${r.ended}` : twice("Disconnect", `Disconnect ${who(r)}?`, async () => {
      try {
        await ask("DELETE", `ws/connections/${encodeURIComponent(r.id)}`);
        await this.show();
        this.say(`The connection of ${who(r)} is closed. The client may come back.`);
      } catch (fault) {
        this.say(reason(fault), true);
      }
    });
    super($("connections"), [
      { title: "User", cell: who },
      { title: "Action", cell: drop },
      { title: "Address", cell: (r) => r.address ?? none },
      { title: "Sent", num: true, cell: (r) => `${bytes(r.window.bytes_sent_per_second)}/s` },
      { title: "Received", num: true, cell: (r) => `${bytes(r.window.bytes_received_per_second)}/s` },
      { title: "Queue", num: true, cell: (r) => bytes(r.queued_bytes + r.pending_bytes) },
      { title: "Highest", num: true, cell: (r) => bytes(r.window.most_queued_bytes) },
      { title: "Refused", num: true, cell: (r) => number(r.window.messages_refused) },
      { title: "Round trip", num: true, cell: (r) => ms(r.round_trip_ms) },
      { title: "Age", num: true, cell: (r) => span(r.age_seconds) },
      { title: "Topics", num: true, cell: (r) => number(r.topics) },
    ], (after) => this.ask(after));
    this.form = this.section.querySelector("form");
    this.form.elements.by.addEventListener("change", () => this.fit());
    this.fit();
  }

  fit() { this.form.elements.of.disabled = !this.form.elements.by.value; }

  async ask(after) {
    const { sort, window, by, of } = this.filters();
    const answer = await ask("GET", query("ws/connections", by ? { [by]: of, window, after } : { sort, window, limit: 50 }));
    return { rows: answer.connections, next: answer.next, note: partial(answer) };
  }

  // exists asks whether the node has this call.
  async exists() {
    try {
      await ask("GET", "ws/connections?limit=1");
      return true;
    } catch (fault) {
      return fault.status !== 404;
    }
  }

  // busy says whether a person is in the table, whose rows must then stay.
  busy() { return this.table.contains(document.activeElement) || this.table.matches(":hover"); }
}

// Closes

export class Closes extends List {
  constructor() {
    super($("closes"), [
      { title: "At", cell: (r) => clock(r.at) },
      { title: "Reason", cell: (r) => r.reason },
      { title: "Code", num: true, cell: (r) => r.code ?? none },
      { title: "Side", cell: (r) => r.side },
      { title: "User", cell: who },
      { title: "Address", cell: (r) => r.address ?? none },
      { title: "Age", num: true, cell: (r) => span(r.age_seconds) },
      { title: "Silent", num: true, cell: (r) => span(r.silent_seconds) },
      { title: "Sent", num: true, cell: (r) => bytes(r.bytes_sent) },
      { title: "Received", num: true, cell: (r) => bytes(r.bytes_received) },
      { title: "Queued", num: true, cell: (r) => bytes(r.queued_bytes) },
      { title: "Round trip", num: true, cell: (r) => ms(r.round_trip_ms) },
      { title: "Connection", cell: (r) => [r.node, r.connection].filter(Boolean).join(" ") },
    ], async (after) => {
      const answer = await ask("GET", query("ws/closes", { ...this.filters(), limit: 100, after }));
      return { rows: answer.closes, next: answer.next, note: [`${number(answer.count)} are remembered.`, partial(answer)].join(" ") };
    }, { empty: "None that these filters select." });
  }
}

// Topics

export class Topics extends List {
  constructor() {
    super($("topics"), [
      { title: "Topic", cell: (r) => r.topic },
      { title: "Subscribers", num: true, cell: (r) => number(r.subscribers) },
      { title: "Last number", num: true, cell: (r) => number(r.seq) },
      { title: "Action", cell: (r) => this.opener(r.topic) },
    ], async (after) => {
      const from = after || this.filters().after;
      const answer = await ask("GET", query("ws/topics", { limit: 100, after: from }));
      return { rows: answer.topics, next: answer.next, note: [`${number(answer.subscriptions)} subscriptions in all.`, partial(answer)].join(" ") };
    });
    this.detail = this.section.querySelector(".detail");
  }

  opener(topic) {
    const button = element("button", { type: "button" }, "Subscribers");
    button.addEventListener("click", () => this.open(topic));
    return button;
  }

  // open lists the first subscribers of a topic.
  async open(topic) {
    const table = element("table"), title = element("h3", { tabIndex: -1 }, `Subscribers of ${topic}`);
    try {
      const answer = await ask("GET", query(`ws/topics/${encodeURIComponent(topic)}`, { limit: 100 }));
      fill(table, [{ title: "Name", cell: (r) => r.username || none }, { title: "User's id", cell: (r) => r.user_id }], answer.subscribers);
      const note = [answer.next ? "The first 100." : "", partial(answer)].join(" ");
      this.detail.replaceChildren(title, element("p", { className: "faint" }, note), element("div", { className: "scroll", tabIndex: 0, role: "group", "aria-label": `Subscribers of ${topic}` }, table));
      title.focus();
    } catch (fault) {
      this.say(reason(fault), true);
    }
  }
}

// Nodes

export class Nodes extends List {
  constructor() {
    super($("nodes"), [
      { title: "Node", cell: (r) => r.name },
      { title: "Answered", cell: (r) => r.answered ? "yes" : "no: a few seconds old" },
      { title: "Connections", num: true, cell: (r) => number(r.connections) },
      { title: "Users", num: true, cell: (r) => number(r.users) },
      { title: "Started", cell: (r) => clock(r.started) },
      { title: "Address", cell: (r) => r.address ?? none },
      { title: "Version", cell: (r) => r.version },
    ], async () => {
      const answer = await ask("GET", "ws/stats");
      const alone = [{ ...this.self, connections: answer.total_connections, users: answer.unique_users, answered: true }];
      const all = `${number(answer.total_connections)} connections and ${number(answer.unique_users)} users on all nodes.`;
      return { rows: answer.nodes ?? alone, note: answer.nodes ? [all, partial(answer)].join(" ") : "This node is alone: it has no REDIS_URL." };
    });
    this.self = { name: "", version: "" };
  }
}

// Changes

export class Changes extends List {
  constructor() {
    super($("changes"), [
      { title: "At", cell: (r) => clock(r.at) },
      { title: "By", cell: (r) => r.by },
      { title: "From", cell: (r) => r.from },
      { title: "Call", cell: (r) => r.call },
      { title: "With", cell: (r) => Object.entries(r.with ?? {}).map(([k, v]) => `${k}: ${v}`).join(", ") },
      { title: "Status", num: true, cell: (r) => String(r.status) },
    ], async (after) => {
      const answer = await ask("GET", query("ws/changes", { limit: 100, after }));
      return { rows: answer.changes, next: answer.next, note: "Calls that this node was asked for: disconnects, bans, revocations, lifts, clean-ups and drains." };
    }, { empty: "None since the node was started." });
  }
}
