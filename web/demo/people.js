// People shows who is here, as the client knows it.

const maxPeople = 200; // shown; in a room of thousands nobody reads them

export class People {
  #names = new Map(); // of everybody that was ever seen, by user id
  #list;
  #count;
  #pick;
  #due = false;
  me; // the id of this page's user

  // pick is called with the id of a user that was chosen.
  constructor(list, count, pick) {
    this.#list = list;
    this.#count = count;
    this.#pick = pick;
  }

  name(id) { return this.#names.get(id) ?? (id ? `user ${String(id).slice(0, 8)}` : "the server"); }

  met(users) { for (const { user_id, username } of users) this.#names.set(user_id, username); }

  // show draws the list, once for all changes of a frame.
  show(presence, online, done) {
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => {
      this.#due = false;
      const shown = [...presence].slice(0, maxPeople);
      this.#list.replaceChildren(...shown.map(([id, name]) => this.#row(id, name)));
      this.#count.textContent = Number.isFinite(online) ? `· ${Number(online).toLocaleString()} online` : "";
      done(shown);
    }, 50);
  }

  #row(id, name) {
    const item = document.createElement("li");
    if (id === this.me) {
      item.textContent = `${name} (you)`;
      return item;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.title = `write to ${name} only`;
    button.addEventListener("click", () => this.#pick(id));
    item.append(button);
    return item;
  }
}
