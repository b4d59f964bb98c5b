// A scripted server: the entries of client/testdata/README.md, and some that only a page can meet.

const welcomeNew = { epoch: "e1", broadcast: 0, direct: 0, resumed: false, reason: "new" };
const slowClose = 700; // milliseconds from a page's close to the event, when the client may have another socket
const fullReceipt = { seq: 1, online: true, stored: true };

export class Server {
  requests = []; // { at, resume, token }
  questions = []; // { url, token } of each GET after a failed handshake
  sent = []; // { connection, message }
  open = 0; // sockets that are not closed
  mostOpen = 0;

  // script returns the entry of the n-th attempt, from 0, for its request.
  constructor(world, script) {
    this.world = world;
    this.script = script;
    const server = this;
    this.WebSocket = class { constructor(url, protocols) { server.#accept(this, url, protocols); } };
    globalThis.fetch = (url, options) => this.#explain(url, options);
  }

  #accept(socket, url, protocols) {
    if (!protocols.every((protocol) => /^[!-~]+$/.test(protocol))) throw new SyntaxError("not a subprotocol");
    const { world } = this;
    const request = { at: world.now / 1000, resume: new URL(url).searchParams.get("resume"), token: protocols[1] };
    const entry = this.entry = this.script(this.requests.push(request) - 1, request);
    const line = new Line(this, socket, this.requests.length, entry.open ?? {});
    this.mostOpen = Math.max(this.mostOpen, ++this.open);
    if (entry.silent) return;
    world.after((entry.delay ?? 0) * 1000, () => {
      if (!entry.open) return line.end(1006);
      line.begin(request);
    });
  }

  // explain answers GET /ws as a page asks for it after a failed handshake.
  async #explain(url, options) {
    if (typeof options !== "object") throw new TypeError("the options are no object");
    const { headers } = options;
    this.questions.push({ url, token: headers?.Authorization });
    const { entry } = this;
    if (entry.unheard) return new Promise(() => {});
    if (entry.accepts) return new Response(null, { status: 204 });
    if (!entry.refuse) throw new TypeError("Failed to fetch");
    const { status, code, retry_after } = entry.refuse;
    const answer = code ? JSON.stringify({ error: code, message: "" }) : "<html>";
    return new Response(answer, { status, headers: retry_after === undefined ? {} : { "Retry-After": String(retry_after) } });
  }
}

// Line is one connection.
class Line {
  #done = false;
  #opened = false;
  #requests;
  #topics;

  constructor(server, socket, number, script) {
    Object.assign(this, { server, socket, number, script, replies: [...script.replies ?? []] });
    this.#requests = [...script.requests ?? []];
    this.#topics = structuredClone(script.topics ?? {});
    socket.send = (text) => this.#take(text);
    socket.close = () => { if (this.#shut()) server.world.after(slowClose, () => socket.onclose?.({ code: 1005, reason: "" })); };
  }

  begin({ resume }) {
    if (this.#done) return;
    const { world } = this.server, { script } = this;
    this.#opened = true;
    this.socket.protocol = "momentum";
    this.socket.onopen?.({});
    if (script.welcome !== null) this.tell({ message_type: "welcome", data: script.welcome ?? welcomeFor(resume, script.epoch) });
    for (const { after, message } of script.send ?? []) world.after(after * 1000, () => this.tell(message));
    if (script.end) world.after(script.end.after * 1000, () => this.end(script.end.close?.code ?? 1006, script.end.close?.reason));
  }

  tell(message) {
    if (this.#done) return;
    const text = typeof message === "string" ? message : JSON.stringify(message);
    this.socket.onmessage?.({ data: text.replaceAll("#request", this.request) });
  }

  end(code, reason = "") {
    if (!this.#shut()) return;
    if (code === 1006) this.socket.onerror?.({}); // as browsers do
    const told = this.#opened || this.server.requests.length % 2; // after a failed handshake browsers tell a close, and Node's class tells none
    if (told) this.socket.onclose?.({ code, reason });
  }

  #shut() {
    if (this.#done) return false;
    this.#done = true;
    this.server.open--;
    return true;
  }

  #take(text) {
    if (!this.#opened || this.#done) throw new Error("a message on a socket that is not open");
    const message = JSON.parse(text);
    if (message.message_type === "subscribe") this.request = message.id;
    this.server.sent.push({ connection: this.number, message, at: this.server.world.now / 1000 });
    if (this.script.echo) this.tell({ ...this.script.echo, id: message.id });
    const answer = this.script.mute ? undefined : this.#answer(message);
    if (answer) this.server.world.after((this.script.slow ?? 0) * 1000, () => this.tell(answer));
  }

  #answer({ id, message_type: type, data, ack }) {
    if (ack) return this.#reply(id);
    const like = (message_type, data) => ({ id, message_type, data });
    const refused = this.#requests.length ? this.#requests.shift() : "answer";
    if (refused !== "answer") return error(refused.error && id, refused.error?.code ?? refused);
    switch (type) {
      case "ping": return like("pong", data);
      case "refresh": return like("refreshed", {});
      case "who": return like("who", this.script.who?.shift() ?? { count: 0, users: [] });
      case "unsubscribe": return like("unsubscribed", { topics: data.topics.map((topic) => ({ topic })) });
      case "subscribe": return like("subscribed", { topics: data.topics.map((ask) => this.#topic(ask)) });
    }
  }

  #reply(id) {
    const reply = this.replies.length ? this.replies.shift() : "ack";
    if (reply === "none") return undefined;
    if (reply === "rate_limited") return error(undefined, "rate_limited");
    if (reply.error) return error(id, reply.error.code);
    return { id, message_type: "ack", data: reply.ack ?? fullReceipt };
  }

  #topic({ topic, seq, epoch }) {
    const placed = seq === undefined ? { seq: 0, epoch: "t1" } : { seq, epoch, resumed: true, missed: 0 };
    const entry = this.#topics[topic];
    return { topic, ...placed, ...Array.isArray(entry) ? entry.length > 1 ? entry.shift() : entry[0] : entry };
  }
}

function error(ref_id, code) { return { message_type: "error", data: { code, message: "", ref_id } }; }

function welcomeFor(resume, present) {
  if (!resume) return { ...welcomeNew, epoch: present ?? welcomeNew.epoch };
  const [epoch, broadcast, direct] = resume.split(".");
  if (epoch !== (present ?? epoch)) return { epoch: present, broadcast: 0, direct: 0, resumed: false, reason: "epoch" };
  return { epoch, broadcast: Number(broadcast), direct: Number(direct), resumed: true, missed: 0 };
}
