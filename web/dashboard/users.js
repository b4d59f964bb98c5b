// The users online, and a search among them.
import { ask, query } from "./calls.js";
import { $, element, fill, twice } from "./elements.js";
import { allow, List, partial, reason } from "./sections.js";
import { clock, none, number } from "./words.js";

const page = 10_000; // users of one page of a search
const maxPages = 20; // of a search: the node lists users by id alone, and a search must not make it list a million
const maxFound = 100;
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export class Users extends List {
  constructor() {
    super($("users"), [
      { title: "Name", cell: (r) => r.username || none },
      { title: "Online since", cell: (r) => clock(r.connected_at) },
      { title: "Action", cell: (r) => element("span", { className: "actions" }, this.closer(r), " ", this.revoker(r)) },
      { title: "User's id", cell: (r) => r.user_id },
    ], (after) => this.ask(after), { empty: "Nobody is online." });
    this.stop = this.section.querySelector(".stop");
    this.stop.addEventListener("click", () => { this.searching = null; });
  }

  closer(r) {
    return this.action("Disconnect", `Disconnect ${r.username || r.user_id}?`, "ws/disconnect", { user_id: r.user_id }, (a) => `${number(a.connections)} connections of ${r.username || r.user_id} are closed. The user may come back.`);
  }

  revoker(r) {
    return this.action("Revoke tokens", `Revoke all tokens of ${r.username || r.user_id}?`, "ws/revoke", { user_id: r.user_id }, (a) => `The tokens of ${r.username || r.user_id} are revoked, and ${number(a.connections)} connections closed. Undo it under Bans.`);
  }

  action(text, question, path, body, done) {
    return twice(text, question, async () => {
      try {
        this.say(done(await ask("POST", path, { body })));
      } catch (fault) {
        this.say(reason(fault), true);
      }
    });
  }

  async ask(after) {
    this.searching = {}; // a search that is under way is no longer wanted
    this.stop.hidden = true;
    const { text } = this.filters();
    if (text) return this.search(text.toLowerCase());
    const answer = await ask("GET", query("ws/online", { limit: 100, after }));
    return { rows: answer.users, next: answer.next, note: [`${number(answer.count)} online.`, partial(answer)].join(" ") };
  }

  // search looks at the pages one after the other, until it has found enough or is stopped.
  async search(text) {
    const mine = this.searching = {}, found = [];
    let after = idPattern.test(text) ? before(text) : "", seen = 0, count = 0;
    this.stop.hidden = false;
    try {
      for (let pages = 0; pages < maxPages && this.searching === mine; pages++) {
        const answer = await ask("GET", query("ws/online", { limit: idPattern.test(text) ? 1 : page, after }));
        if (this.searching && this.searching !== mine) break; // another question was asked
        seen += answer.users.length;
        count = answer.count;
        found.push(...answer.users.filter((u) => u.username?.toLowerCase().includes(text) || u.user_id.includes(text)));
        after = answer.next;
        if (!after || found.length >= maxFound || idPattern.test(text)) break;
        this.say(`Looked at ${number(seen)} of ${number(count)}, found ${number(found.length)} …`);
        fill(this.table, this.columns, found);
        allow(this.section);
      }
    } finally {
      if (!this.searching || this.searching === mine) this.stop.hidden = true;
    }
    const all = !after || idPattern.test(text);
    return { rows: found.slice(0, maxFound), note: all ? `${number(found.length)} found.` : `The first ${number(Math.min(found.length, maxFound))} found; looked at ${number(seen)} of ${number(count)} users.` };
  }
}

// before returns the id that comes before another one, so that a page after it begins with that one.
function before(id) {
  const digits = (BigInt(`0x${id.replaceAll("-", "")}`) - 1n).toString(16).padStart(32, "0");
  return id === "00000000-0000-0000-0000-000000000000" ? "" : digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
