// People knows the names of users this page has heard of. It starts with nobody: only an administrator may
// ask who is online, so a page learns it from who comes and goes.

const mostPeople = 200; // remembered and shown; in a room of thousands nobody reads them

export class People {
  #here = new Map(); // user id → { name, item }, in the order in which they came
  #online;           // users online, once the server has told
  #list;
  #count;
  #pick;

  constructor(list, count, pick) {
    this.#list = list;
    this.#count = count;
    this.#pick = pick;
  }

  name(id) { return this.#here.get(id)?.name ?? (id ? `user ${String(id).slice(0, 8)}` : "the server"); }

  // clear forgets everybody: who came and went while there was no connection, nobody tells.
  clear() {
    this.#here.clear();
    this.#list.replaceChildren();
    this.#tell(undefined);
  }

  joined(id, name) {
    this.#add(id, name);
    this.#tell(this.#online + 1);
  }

  left(id) {
    this.#remove(id);
    this.#tell(this.#online - 1);
  }

  // presence takes a message for many: so many came and went, these among them.
  presence(data) {
    for (const p of data.sample?.joined ?? []) this.#add(p.user_id, p.username);
    for (const p of data.sample?.left ?? []) this.#remove(p.user_id);
    this.#tell(data.online);
  }

  summary(data) {
    const names = (data.sample?.joined ?? []).slice(0, 3).map((p) => p.username).join(", ");
    const more = data.joined > 3 ? ", …" : "";
    const joined = data.joined ? `${number(data.joined)} joined${names ? ` (${names}${more})` : ""}` : "";
    return [joined, data.left ? `${number(data.left)} left` : "", `${number(data.online)} online`].filter(Boolean).join(", ");
  }

  #add(id, name) {
    this.#remove(id);
    const item = this.#row(id, name);
    this.#here.set(id, { name, item });
    this.#list.append(item);
    if (this.#here.size > mostPeople) this.#remove(this.#here.keys().next().value);
  }

  #remove(id) {
    this.#here.get(id)?.item.remove();
    this.#here.delete(id);
  }

  #row(id, name) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.title = `write to ${name} only`;
    button.addEventListener("click", () => this.#pick(id));
    item.append(button);
    return item;
  }

  #tell(online) {
    this.#online = online;
    this.#count.textContent = Number.isFinite(online) ? `· ${number(online)} online` : "";
  }
}

function number(n) { return Number(n).toLocaleString(); }
