// Topics are the topics that this page follows, with their subscriptions.
export class Topics {
  #followed = new Map(); // name → subscription
  #list;
  #changed;
  #heard;

  // changed is called with the names, heard with each message.
  constructor(list, { changed, heard }) {
    this.#list = list;
    this.#changed = changed;
    this.#heard = heard;
  }

  // follow subscribes, and resolves when the server has agreed. It rejects with the server's refusal.
  async follow(client, name, position) {
    if (this.#followed.has(name)) return;
    const subscription = client.subscribe(name, this.#heard, { presence: true, position });
    this.#followed.set(name, subscription);
    this.#draw();
    try {
      await subscription.ready;
    } catch (fault) {
      if (this.#followed.get(name) === subscription) this.lost(name);
      throw fault;
    }
  }

  // moveTo follows the same topics with another client, from where the last one was.
  moveTo(client) {
    const before = this.positions();
    this.#followed.clear();
    return Promise.allSettled(before.map(({ topic, ...position }) => this.follow(client, topic, position)));
  }

  lost(name) {
    this.#followed.delete(name);
    this.#draw();
  }

  // positions are the topics with their positions, as a reload keeps them.
  positions() { return [...this.#followed.values()].map(({ topic, epoch, seq }) => ({ topic, epoch, seq })); }

  // restore takes over the positions of the page before a reload, for moveTo.
  restore(positions) {
    this.#followed.clear();
    for (const position of positions) this.#followed.set(position.topic, position);
  }

  // refresh shows how many users follow each topic.
  refresh() { this.#draw(); }

  #draw() {
    this.#list.replaceChildren(...[...this.#followed.values()].map((subscription) => this.#row(subscription)));
    this.#changed([...this.#followed.keys()]);
  }

  #row(subscription) {
    const { topic, online } = subscription;
    const item = document.createElement("li"), leave = document.createElement("button");
    item.append(`#${topic}${Number.isFinite(online) ? ` · ${online}` : ""} `, leave);
    leave.type = "button";
    leave.textContent = "Leave";
    leave.setAttribute("aria-label", `Leave ${topic}`);
    leave.addEventListener("click", () => {
      subscription.unsubscribe?.();
      this.lost(topic);
    });
    return item;
  }
}
