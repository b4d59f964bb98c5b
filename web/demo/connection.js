// Connection keeps one WebSocket open, and comes back when the server's close code invites it to, from where it was.
import { Position } from "./position.js";

// Codes after which a client may come back: going away, lost without a word, restart, try again later.
const invites = new Set([1001, 1006, 1012, 1013]);

const firstWait = 500; // milliseconds
const longestWait = 30000;

export class Connection {
  #socket = null;
  #timer = 0;
  #tries = 0;
  #position = new Position();
  #whose = "";
  #tell;

  // tell has state(state, text), message(object) and note(text).
  constructor(tell) { this.#tell = tell; }

  // open connects. Another user, or another server, begins with a new position.
  open(url, token, user) {
    this.#drop();
    this.#tries = 0;
    const whose = `${user} at ${url}`;
    if (whose !== this.#whose) this.#position = new Position();
    this.#whose = whose;
    this.#dial(url, token);
  }

  close() {
    this.#drop();
    this.#tell.state("closed", "disconnected");
  }

  // send says whether the message is on its way; a socket that is closing takes messages and forgets them.
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #drop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
  }

  #dial(url, token) {
    this.#tell.state("waiting", "connecting …");
    let socket;
    try {
      socket = new WebSocket(this.#position.in(url), ["momentum", token]);
    } catch { // what the browser says of it would show the token
      return this.#tell.state("failed", "cannot connect: the token or the server's address is not well formed");
    }
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#tries = 0;
      this.#tell.state("open", "connected");
    };
    socket.onmessage = (e) => { if (socket === this.#socket) this.#read(e.data); };
    socket.onclose = (e) => {
      if (socket !== this.#socket) return; // closed by hand, or replaced
      this.#ended(e, opened, () => this.#dial(url, token));
    };
  }

  #read(text) {
    let m;
    try {
      m = JSON.parse(text);
    } catch {
      m = null;
    }
    if (typeof m?.message_type !== "string") return this.#tell.note(`not a message: ${String(text).slice(0, 200)}`);
    this.#tell.message(m);
    this.#position.had(m);
  }

  // ended waits and dials again, or says why not. A browser tells a page nothing of a refused handshake.
  #ended(e, opened, again) {
    const why = `code ${e.code}${e.reason ? `, ${e.reason}` : ""}`;
    if (opened) this.#tell.note(`connection closed: ${why}`);
    if (!invites.has(e.code)) return this.#tell.state("failed", `closed: ${why}`);
    // Full jitter: a fleet of pages that lost their server together must not return together.
    const wait = Math.random() * Math.min(longestWait, firstWait * 2 ** this.#tries++) + firstWait;
    const hint = opened ? "" : " (refused or unreachable; is the token still good?)";
    this.#tell.state("waiting", `trying again in ${(wait / 1000).toFixed(1)} s${hint}`);
    this.#timer = setTimeout(again, wait);
  }
}
