// People knows the names of users this page has heard of. It starts with nobody: only an administrator may
// ask who is online, so a page learns it from who comes and goes.

const mostPeople = 200; // names shown; in a room of thousands nobody reads them

export class People {
  #names = new Map(); // user id → name
  #here = new Set();
  #list;
  #count;
  #pick;

  constructor(list, count, pick) {
    this.#list = list;
    this.#count = count;
    this.#pick = pick;
  }

  name(id) { return this.#names.get(id) ?? (id ? `user ${id.slice(0, 8)}` : "the server"); }

  self(id, name) { this.#names.set(id, name ?? id); }

  add(id, name) {
    this.#names.set(id, name);
    this.#here.add(id);
    this.#draw();
  }

  remove(id) {
    this.#here.delete(id);
    this.#draw();
  }

  // count takes a presence message: so many came and went, these among them.
  count(data) {
    for (const p of data.sample?.joined ?? []) { this.#names.set(p.user_id, p.username); this.#here.add(p.user_id); }
    for (const p of data.sample?.left ?? []) this.#here.delete(p.user_id);
    this.#draw(data.online);
  }

  summary(data) {
    const names = (data.sample?.joined ?? []).slice(0, 3).map((p) => p.username).join(", ");
    const joined = data.joined ? `${data.joined} joined${names ? ` (${names}${data.joined > 3 ? ", …" : ""})` : ""}` : "";
    return [joined, data.left ? `${data.left} left` : "", `${data.online} online`].filter(Boolean).join(", ");
  }

  #draw(online) {
    this.#count.textContent = online === undefined ? "" : `· ${online} online`;
    this.#list.replaceChildren(...[...this.#here].slice(-mostPeople).map((id) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = this.name(id);
      button.title = `write to ${this.name(id)} only`;
      button.addEventListener("click", () => this.#pick(id));
      item.append(button);
      return item;
    }));
  }
}
