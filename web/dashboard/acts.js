// The sections that change something: messages, bans and revocations.
import { ask, query } from "./calls.js";
import { $, fill, twice } from "./elements.js";
import { allow, partial, reason, say } from "./sections.js";
import { clock, none, number } from "./words.js";

// Messages

export class Messages {
  constructor() {
    this.section = $("messages");
    this.form = this.section.querySelector("form");
    this.note = this.section.querySelector(".note");
    const { to, receiver } = this.form.elements;
    to.addEventListener("change", () => {
      const label = this.form.querySelector(".receiver");
      label.hidden = to.value === "everybody";
      label.querySelector(".name").textContent = to.value === "topic" ? "Topic" : "User's id";
      receiver.required = !label.hidden;
    });
    this.form.addEventListener("submit", (e) => { e.preventDefault(); this.send(); });
  }

  show() { allow(this.section); }

  async send() {
    const { to, receiver, type, content } = this.form.elements;
    const body = { message_type: type.value, data: dataOf(content.value.trim()) };
    const path = { everybody: "ws/broadcast", user: "ws/send", topic: "ws/publish" }[to.value];
    if (to.value === "user") body.to_user_id = receiver.value.trim();
    if (to.value === "topic") body.topic = receiver.value.trim();
    try {
      const a = await ask("POST", path, { body });
      const reach = a.nodes ? `to ${number(a.nodes)} nodes` : `to ${number(a.connections)} connections`;
      say(this.note, `Sent ${reach}${a.seq ? `, as number ${a.seq}` : ""}. ${a.stored ? "Clients that come back get it." : "It is not kept."}`);
      content.value = "";
    } catch (fault) {
      say(this.note, `Not sent: ${reason(fault)}`, true);
    }
  }
}

// dataOf takes JSON as it is, and other text as the pages of the demo show it.
function dataOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { content: text };
  }
}

// Bans and revocations

export class Bans {
  constructor() {
    this.section = $("bans");
    this.note = this.section.querySelector(".note");
    this.form = this.section.querySelector("form");
    this.form.addEventListener("submit", (e) => { e.preventDefault(); this.ban(); });
  }

  async show() {
    allow(this.section);
    try {
      const [bans, revoked] = await Promise.all([ask("GET", "ws/bans?limit=100"), ask("GET", "ws/revocations?limit=100")]);
      const until = { title: "Until", cell: (r) => r.until ? clock(r.until) : "for ever" };
      fill(this.section.querySelector(".banned"), [
        { title: "User's id", cell: (r) => r.user_id }, until,
        { title: "Action", cell: (r) => this.lifter("Lift the ban", `ws/bans/${r.user_id}`, `The ban of ${r.user_id} is lifted.`) },
      ], bans.bans);
      fill(this.section.querySelector(".revoked"), [
        { title: "Of", cell: (r) => r.token_id ? `token ${r.token_id}` : `user ${r.user_id}` },
        { title: "Issued before", cell: (r) => clock(r.issued_before) }, until,
        { title: "Action", cell: (r) => this.lifter("Lift", r.token_id ? `ws/revocations/token/${encodeURIComponent(r.token_id)}` : `ws/revocations/user/${r.user_id}`, "The revocation is lifted.") },
      ], revoked.revocations);
      allow(this.section);
      const more = bans.next || revoked.next ? `The first 100 of ${number(bans.count)} bans and ${number(revoked.count)} revocations.` : "";
      if (more || partial(bans)) say(this.note, [more, partial(bans)].join(" "));
    } catch (fault) {
      say(this.note, reason(fault), true);
    }
  }

  lifter(text, path, done) {
    return twice(text, `${text}: sure?`, async () => {
      try {
        await ask("DELETE", path);
        await this.show();
        say(this.note, done);
      } catch (fault) {
        say(this.note, reason(fault), true);
      }
    });
  }

  async ban() {
    const { user, seconds } = this.form.elements;
    try {
      const a = await ask("POST", query("ws/disconnect", {}), { body: { user_id: user.value.trim(), ban_seconds: Number(seconds.value) } });
      await this.show();
      say(this.note, `The user is out until ${a.until ? clock(a.until) : none}, and ${number(a.connections)} connections are closed. It is kept: ${a.kept}.`);
      user.value = "";
    } catch (fault) {
      say(this.note, reason(fault), true);
    }
  }
}
