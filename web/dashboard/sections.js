// What the sections of lists have in common: a form of filters, a note, a table with pages, and a button for more.
import { Refusal } from "./calls.js";
import { add, fill } from "./elements.js";

export class List {
  // load(after) returns { rows, next, note }; columns are those of fill.
  constructor(section, columns, load, { empty } = {}) {
    Object.assign(this, { section, columns, load, empty });
    this.note = section.querySelector(".note");
    this.table = section.querySelector("table");
    this.more = section.querySelector(".more");
    section.querySelector("form.filters")?.addEventListener("submit", (e) => { e.preventDefault(); this.show(); });
    this.more?.addEventListener("click", () => this.append());
  }

  filters() { return Object.fromEntries([...new FormData(this.section.querySelector("form.filters"))].map(([k, v]) => [k, v.trim()])); }

  async show() { await this.page("", (rows) => fill(this.table, this.columns, rows, this.empty)); }

  async append() { await this.page(this.next, (rows) => add(this.table, this.columns, rows)); }

  async page(after, put) {
    const mine = this.asked = {};
    try {
      const { rows, next, note = "" } = await this.load(after);
      if (mine !== this.asked) return; // a newer question is under way
      put(rows);
      allow(this.section);
      this.next = next;
      if (this.more) this.more.hidden = !next;
      this.say(note);
    } catch (fault) {
      if (mine === this.asked) this.say(reason(fault), true);
    }
  }

  say(text, bad = false) { say(this.note, text, bad); }
}

export function say(place, text, bad = false) {
  place.textContent = text;
  place.classList.toggle("bad", bad);
}

// reason says why a call failed.
export function reason(fault) {
  return fault instanceof Refusal ? `${fault.message} (${fault.code})` : String(fault.message ?? fault);
}

// partial says which nodes are not in an answer.
export function partial(answer) { return answer.partial ? `Without ${(answer.missing_nodes ?? []).join(", ") || "some nodes"}, which did not answer.` : ""; }

// allow disables what needs the right write, and says why.
export function allow(place) {
  const may = document.body.dataset.right === "write";
  for (const control of place.querySelectorAll("[data-write]")) {
    control.disabled = !may;
    control.title = may ? "" : document.body.dataset.why;
  }
  for (const line of place.querySelectorAll(".readonly")) line.textContent = may ? "" : document.body.dataset.why;
}
