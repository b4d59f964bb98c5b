// A world for the client: virtual time, a page, and a scripted server. It replaces what the client takes from the platform, one
// world at a time.
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto; // Node 18

const realImmediate = setImmediate;
const begin = 1_700_000_000_000; // an ordinary date, so that a client that takes times for small numbers fails

export class World {
  now = 0; // milliseconds since the begin
  offline = false;
  hidden = false;
  slept = 0; // milliseconds for which the host was asleep: the clock goes on, and timers stand still
  #timers = []; // in the order in which they fire
  #count = 0;
  #listeners = new Map();

  constructor(random) {
    let draws = 0;
    Math.random = () => random(draws++);
    Date.now = () => begin + this.now + this.slept;
    globalThis.setTimeout = (act, time = 0, ...rest) => this.after(time, () => act(...rest), true);
    globalThis.clearTimeout = (id) => { this.#timers = this.#timers.filter((timer) => timer.id !== id); };
    globalThis.addEventListener = (name, handler) => this.#on(name).add(handler);
    globalThis.removeEventListener = (name, handler) => this.#on(name).delete(handler);
    const world = this;
    globalThis.document = { get hidden() { return world.hidden; } };
    Object.defineProperty(globalThis, "navigator", { configurable: true, value: { get onLine() { return !world.offline; } } });
  }

  // after schedules an act like a platform's setTimeout: a time that does not fit into 32 bits is no time at all.
  after(time, act, program = false) {
    const id = ++this.#count, at = this.now + (time > 2 ** 31 - 1 || !(time > 0) ? 0 : time);
    const place = this.#timers.findIndex((timer) => timer.at > at);
    this.#timers.splice(place < 0 ? this.#timers.length : place, 0, { id, at, act, program });
    return id;
  }

  fire(type, more = {}) { for (const handler of [...this.#on(type)]) handler({ type, ...more }); }

  listeners() { return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0); }

  // timers counts those that were set with setTimeout.
  timers() { return this.#timers.filter(({ program }) => program).length; }

  // run plays everything that happens before the end, in milliseconds.
  async run(end) {
    await settle();
    while (this.#timers.length && this.#timers[0].at < end) {
      const { at, act } = this.#timers.shift();
      this.now = at;
      act();
      await settle();
    }
    this.now = end;
  }

  #on(name) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    return this.#listeners.get(name);
  }
}

// settle waits until all promises that can be settled are.
function settle() { return new Promise((resolve) => realImmediate(resolve)); }
