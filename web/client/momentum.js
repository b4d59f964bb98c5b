// Momentum's client: see docs/CLIENTS.md. Times are in seconds.

const attemptTime = 10, pongTime = 5, lastingTime = 10, doubtTime = 300, sendTime = 240;
const mostTimer = 2e6; // below 2^31 ms
const mostBackoff = 30, mostKept = 256, mostAcks = 192, mostIds = 1000, mostTopics = 128, mostUsers = 1000, mostPages = 10;
const finalCodes = [400, 403, 404, 413, 414, 426, 431, 505, 1002, 1007, 1008, 1009, 4003, 4004];
const passingErrors = ["overloaded", "rate_limited", "bus_unavailable", "too_many"];
const pageEvents = ["online", "offline", "pageshow", "visibilitychange"];

const now = () => Date.now() / 1000;
const nothing = () => {}, none = {};
const failure = (code, text = code) => Object.assign(new Error(text), { code });

function promised(start) {
  const promise = new Promise((resolve, reject) => start((fault, value) => fault ? reject(fault) : resolve(value)));
  promise.catch(nothing);
  return promise;
}

export function connect({ url = "/ws", token, position, presence, idle = 60, maxBytes = 65536, WebSocket = globalThis.WebSocket }) {
  const handlers = {}, topics = new Map(), calls = new Map(), ids = new Set();
  const prefix = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const main = { epoch: "", broadcast: 0, direct: 0, ...position, online: NaN, presence: new Map() };
  const roomOf = (topic) => topic ? topics.get(topic) : main;
  const address = new URL(url, globalThis.location?.href);
  address.protocol = address.protocol.replace("http", "ws");

  let held, stale; // a token, and why to replace it
  let socket, upgraded, opened, lost, heard, probing, timer, named, pause;
  let attempt = 0, backoff = 0, hurried = 0, doubt = 0, pauses = 0, acks = 0, count = 0;

  function on(name, handler) {
    (handlers[name] ??= new Set()).add(handler);
    return () => handlers[name].delete(handler);
  }

  function tell(all = [], value) {
    for (const handler of all) {
      try {
        handler(value);
      } catch (fault) {
        queueMicrotask(() => { throw fault; });
      }
    }
  }

  const emit = (name, value) => tell(handlers[name], value);

  function set(state, why = "", until) {
    const event = { state, why, until };
    Object.assign(client, event);
    emit("state", event);
  }

  function later(time, act) {
    const part = Math.min(time, mostTimer);
    clearTimeout(timer);
    timer = setTimeout(() => time > part ? later(time - part, act) : act(), part * 1000);
  }

  async function takeToken() {
    held = typeof token === "function" ? await token(stale ?? "") : token;
    stale = undefined;
  }

  async function dial() {
    const mine = ++attempt;
    later(attemptTime, () => again("token"));
    set("connecting");
    if (mine !== attempt) return;
    try {
      if (stale || held === undefined) await takeToken();
    } catch {
      if (mine === attempt) again("token");
    }
    if (mine !== attempt) return;
    later(attemptTime, () => again("lost"));
    address.searchParams.set("resume", main.epoch && Object.values(client.position).join("."));
    try {
      socket = new WebSocket(address.href, ["momentum"].concat(held || []));
    } catch ({ name }) { // the token is no subprotocol
      return name === "SyntaxError" ? renew("token_malformed") : stop(name);
    }
    const live = (handle) => (event) => mine === attempt && handle(event);
    socket.onopen = live(() => { upgraded = true; });
    socket.onmessage = live(({ data }) => read(data));
    socket.onclose = live((event) => upgraded && closed(event));
    socket.onerror = live(() => upgraded || inquire(mine));
  }

  // inquire asks why: browsers hide it.
  async function inquire(mine) {
    let answer, body;
    try {
      answer = await fetch(address.href.replace("ws", "http"), held ? { headers: { Authorization: `Bearer ${held}` } } : {});
      body = await answer.json();
    } catch {}
    if (mine !== attempt) return;
    if (!answer || answer.ok) return again("lost", undefined, answer);
    const { status, headers } = answer, why = body?.error ?? `http:${status}`, after = headers.get("Retry-After");
    if (status === 401) renew(why);
    else if (after > 0) again(why, after);
    else if (finalCodes.includes(status)) stop(why);
    else again(why);
  }

  function closed({ code, reason }) {
    const why = code === 1006 ? "lost" : `close:${code}`;
    if (code === 4001 || code === 4002) renew(why);
    else if (finalCodes.includes(code)) stop(why);
    else again(why, /^101[23].* in (\d+) s/.exec(`${code} ${reason}`)?.[1]);
  }

  function renew(why) {
    if (typeof token === "function") again(stale = why, undefined, true);
    else if (why === "token_key_unknown") again(why);
    else stop(why);
  }

  // again waits as the server said, not at all for the first hurry, or with back-off.
  function again(why, seconds, hurry) {
    drop();
    named = seconds !== undefined;
    if (why === "lost" && globalThis.navigator?.onLine === false) why = "offline";
    if (named) wait(why, +seconds + Math.random() * 0.9);
    else if (hurry && !hurried++) wait(why, 0);
    else wait(why, Math.random() * Math.min(mostBackoff, 2 ** backoff++));
  }

  function wait(why, time) {
    later(time, dial);
    set("waiting", why, Date.now() + time * 1000);
  }

  function stop(why) {
    drop();
    for (const name of pageEvents) globalThis.removeEventListener?.(name, wake);
    for (const id of calls.keys()) answer(id, failure("closed", why));
    for (const topic of topics.values()) topic.settle(failure("closed", why));
    set("closed", why);
  }

  function drop() {
    attempt++;
    socket?.close();
    clearTimeout(timer);
    pause = clearTimeout(pause);
    if (opened && (lost = now()) - opened >= lastingTime) backoff = hurried = 0;
    upgraded = opened = probing = false;
    for (const room of [main, ...topics.values()]) {
      room.asked = false;
      room.online = NaN;
      room.presence.clear();
    }
    for (const [id, call] of calls) call.kept ? call.sent = acks = 0 : answer(id, failure("lost"));
  }

  function wake({ type, persisted }) {
    if (persisted === false || type === "visibilitychange" && document.hidden) return;
    if (opened) probe();
    else if (client.until > Date.now() + 1000 && !named && type !== "offline") wait(client.why, Math.random());
  }

  function watch() {
    const left = heard + idle - now();
    left > 0 ? later(left, watch) : probe();
  }

  function probe() {
    if (probing) return;
    probing = true;
    ask("ping");
    later(pongTime, () => probing ? again("lost") : watch());
  }

  function read(text) {
    heard = now();
    probing = false;
    let m;
    try {
      m = JSON.parse(text);
    } catch {}
    const data = m?.data ?? {}, handle = kinds[m?.message_type];
    handle ? handle(data, m) : answer(m?.id, undefined, data);
  }

  const kinds = {
    __proto__: null,
    text: take,
    notification: take,
    system_message: take,
    welcome,
    position: moved,
    gap,
    error: refused,
    token_expiring: refresh,
    user_joined: (user, { topic }) => present(topic, [user], []),
    user_left: (user, { topic }) => present(topic, [], [user]),
    presence: ({ sample, online, left }, { topic }) => present(topic, sample?.joined, sample?.left, online, undefined, left),
    subscribed: (data, { id }) => answer(id, undefined, data) ?? data.topics.forEach(joined),
    unsubscribed: (data, { id }) => answer(id, undefined, data) ?? data.topics.forEach(lose),
  };

  function take(data, m) {
    const room = roomOf(m.topic), channel = m.topic ? "seq" : m.to_user_id ? "direct" : "broadcast";
    if (m.topic && !room?.known) return room?.early.push(m);
    if (m.seq <= room[channel]) return;
    handOver(room, m);
    room[channel] = m.seq ?? room[channel];
  }

  function handOver(room, m) {
    const key = JSON.stringify([m.from_user_id, m.to_user_id, m.topic, m.id]);
    if (ids.has(key) && now() < doubt) return;
    ids.add(key);
    if (ids.size > mostIds) ids.delete(ids.keys().next().value);
    room.handlers?.size ? tell(room.handlers, m) : emit("message", m);
  }

  function welcome(data) {
    opened = now();
    watch();
    set("open");
    if (opened) resume(main, data, lost ? opened - lost : 0);
    if (presence) who(main);
    flush();
  }

  // resume takes the server's numbers, unless messages follow.
  function resume(room, { epoch, broadcast, direct, seq, ...news }, away = 0) {
    if (!(news.missed > 0)) Object.assign(room, { epoch, broadcast, direct, seq });
    if (news.reason === "new") return;
    if (!news.resumed) doubt = now() + doubtTime;
    emit("resumed", { ...news, away });
  }

  function moved(data) {
    const room = roomOf(data.topic);
    if (room) resume(room, { ...data, resumed: false, reason: "epoch" });
  }

  function gap(data) {
    const room = roomOf(data.topic);
    if (room) room[data.topic ? "seq" : data.channel] = data.to;
    emit("gap", data);
  }

  async function refresh() {
    if (typeof token !== "function") return;
    stale = "token_expiring";
    try {
      await takeToken();
      await ask("refresh", { token: held });
    } catch {} // the old token ends the connection
  }

  // call sends a message that has an answer. A kept one outlives the connection.
  function call(message, done, kept) {
    if (!kept && !opened) return done(failure("not_open"));
    const id = `${prefix}-${++count}`, text = JSON.stringify({ id, ...message });
    if (new Blob([text]).size > maxBytes) return done(failure("too_long"));
    calls.set(id, { text, done, kept, since: now(), timer: kept && setTimeout(answer, sendTime * 1000, id, failure("expired")) });
    kept ? flush() : socket.send(text);
  }

  function answer(id, fault, data) {
    const call = calls.get(id);
    if (!call) return;
    if (passingErrors.includes(fault?.code) && rest() && call.kept) return true;
    calls.delete(id);
    clearTimeout(call.timer);
    if (call.kept && data) pauses = 0, acks += acks < mostAcks;
    call.done(fault, data);
    flush();
    return true;
  }

  function refused({ ref_id, code, message }) {
    if (answer(ref_id, failure(code, message))) return;
    code === "rate_limited" ? rest() : emit("error", { code, message, ref_id });
  }

  // rest sends all again after a pause.
  function rest() {
    for (const call of calls.values()) call.sent = acks = 0;
    for (const topic of topics.values()) topic.asked &&= topic.known;
    pause ??= setTimeout(() => flush(pause = undefined), Math.min(mostBackoff, 2 ** pauses++) * (500 + Math.random() * 500));
    return true;
  }

  function flush() {
    if (!opened || pause) return;
    const due = [...topics.values()].filter((topic) => !topic.asked);
    while (due.length) subscribeTo(due.splice(0, mostTopics));
    let sent = 0;
    for (const [id, call] of calls) {
      if (!call.kept || ++sent > 4 + acks / 16 || call.sent) continue;
      call.sent = true;
      if (now() - call.since > sendTime) answer(id, failure("expired"));
      else socket.send(call.text);
    }
  }

  const send = (data, { type = "text", to, topic } = {}) => promised((done) => {
    if (client.state === "closed") done(failure("closed"));
    else if (to === none) done(failure("bad_user_id"));
    else if (topic === none) done(failure("bad_topic"));
    else if ([...calls.values()].filter((call) => call.kept).length >= mostKept) done(failure("too_many"));
    else call({ message_type: type, data, to_user_id: to, topic, ack: true }, done, true);
  });

  const ask = (type, data) => promised((done) => call({ message_type: type, data }, done));

  function subscribe(name, handler, { presence, position } = {}) {
    const topic = topics.get(name) ?? join(name, position);
    topic.handlers.add(handler);
    if (presence && !topic.wants) [topic.wants, topic.asked] = [true];
    if (client.state === "closed") topic.settle(failure("closed"));
    flush();
    return Object.assign(Object.create(topic), { unsubscribe: () => unsubscribe(topic, handler) });
  }

  function join(name, position) {
    const topic = { topic: name, ...position, early: [], handlers: new Set(), online: NaN, presence: new Map() };
    topic.ready = promised((settle) => { topic.settle = settle; });
    topics.set(name, topic);
    return topic;
  }

  function subscribeTo(some) {
    for (const topic of some) [topic.asked, topic.known, topic.early] = [true, false, []];
    const list = some.map(({ topic, epoch, seq, wants }) => ({ topic, epoch, seq, presence: wants }));
    call({ message_type: "subscribe", data: { topics: list } }, (fault, data) => some.forEach((topic, i) => {
      if (topic.asked) subscribed(topic, fault ? { ...topic, error: fault.code } : data.topics[i]);
    }));
  }

  function subscribed(topic, entry) {
    if (topics.get(topic.topic) !== topic) return;
    if (entry.error) return lose(entry);
    topic.asked = topic.known = true;
    resume(topic, "resumed" in entry ? entry : { ...entry, reason: "new" });
    topic.settle();
    if (!entry.resumed) topic.early?.forEach((m) => handOver(topic, m));
    if (topic.wants) who(topic);
  }

  function joined(entry) {
    if (!topics.has(entry.topic)) subscribed(join(entry.topic), entry);
  }

  function lose({ topic, error }) {
    const lost = topics.get(topic);
    topics.delete(topic);
    if (lost?.epoch) emit("error", { code: error, topic });
    lost?.settle(failure(error));
  }

  async function unsubscribe(topic, handler) {
    topic.handlers.delete(handler);
    if (topic.handlers.size || topics.get(topic.topic) !== topic) return;
    topics.delete(topic.topic);
    if (topic.asked) await ask("unsubscribe", { topics: [topic.topic] }).catch(nothing);
  }

  function present(topic, joined = [], left = [], online, listed, gone) {
    const room = roomOf(topic);
    if (!room) return;
    if (gone > left.length) room.presence.clear(); // some are not named
    for (const user of joined) room.presence.set(user.user_id, user.username);
    for (const user of left) room.presence.delete(user.user_id);
    room.online = online ?? room.online + joined.length - left.length;
    emit("presence", { topic, joined, left, online: room.online, listed });
  }

  function who({ topic }, after, page = 1) {
    call({ message_type: "who", data: { topic, after, limit: mostUsers } }, (fault, data) => {
      if (fault) return;
      present(topic, data.users, [], topic ? roomOf(topic)?.online : data.count, true);
      if (data.next && page < mostPages) who({ topic }, data.next, page + 1);
    });
  }

  const client = {
    state: "connecting",
    presence: main.presence,
    get online() { return main.online; },
    get position() { return { epoch: main.epoch, broadcast: main.broadcast, direct: main.direct }; },
    on,
    send,
    sendTo: (to, data, options) => send(data, { ...options, to: to || none }),
    publish: (topic, data, options) => send(data, { ...options, topic: topic || none }),
    ask,
    subscribe,
    close() { if (client.state !== "closed") stop("closed"); },
  };
  for (const name of pageEvents) globalThis.addEventListener?.(name, wake);
  queueMicrotask(() => { if (client.state !== "closed") dial(); });
  return client;
}
