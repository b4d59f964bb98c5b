// See docs/CLIENTS.md. Times are in seconds.

const attemptTime = 10, lastingTime = 10, pongTime = 5, graceTime = 4, sendTime = 240, doubtTime = 300;
const finalCodes = [401, 4001, 4002, 400, 403, 404, 413, 414, 426, 431, 505, 1002, 1007, 1008, 1009, 4003, 4004];
const passingErrors = ["overloaded", "rate_limited", "bus_unavailable", "too_many"];
const pageEvents = ["online", "offline", "pageshow", "visibilitychange"];

const now = () => Date.now() / 1000;
const nothing = () => {};
const doubled = (n) => Math.min(30, 2 ** n);
const failure = (code, text = code) => Object.assign(Error(text), { code });

function promised(start) {
  const promise = new Promise((resolve, reject) => start((fault, value) => fault ? reject(fault) : resolve(value)));
  promise.catch(nothing);
  return promise;
}

export function connect({ url = "/ws", token, position, presence, idle = 60, maxBytes = 65536, WebSocket = globalThis.WebSocket }) {
  const handlers = {}, topics = new Map(), calls = new Map(), ids = new Map(), timers = new Map();
  const prefix = crypto.getRandomValues(new Uint32Array(4));
  const roomFor = (more) => ({ ...more, early: [], online: NaN, presence: new Map() });
  const main = roomFor({ epoch: "", broadcast: 0, direct: 0, ...position });
  const roomOf = (topic) => topic ? topics.get(topic) : main;
  const address = new URL(url, globalThis.location?.href);
  address.protocol = address.protocol.replace("http", "ws");

  let held, stale; // a token, and why to replace it
  let socket, opened, away, heard, probing, named, lost = now();
  let attempt = 0, backoff = 0, hurried = 0, doubt = 0, pauses = 0, refusals = 0, acks = 0, count = 0;

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
    Object.assign(client, { state, why, until });
    emit("state", { state, why, until });
  }

  // after acts later in an attempt, once for a key.
  function after(key, time, act) {
    const part = Math.min(time, 2e6), end = now() + part; // timers are limited, or early
    clearTimeout(timers.get(key));
    timers.set(key, setTimeout(() => {
      time += Math.min(end - now(), 1) - part;
      time > 0.001 ? after(key, time, act) : timers.delete(key) && act();
    }, part * 1000));
  }

  const pause = (key, n, act) => after(key, doubled(n) * (1 + Math.random()) / 2, act);

  async function takeToken() {
    const mine = attempt, fresh = typeof token === "function" ? await token(stale ?? "") : token;
    if (mine !== attempt) throw "late";
    [held, stale] = [fresh];
  }

  async function dial() {
    const mine = ++attempt;
    after(dial, attemptTime, () => again("token"));
    set("connecting");
    if (mine !== attempt) return;
    if (stale ?? held === undefined) await takeToken().catch(() => mine === attempt && again("token"));
    if (mine !== attempt) return;
    after(dial, attemptTime, () => again("lost"));
    address.searchParams.set("resume", main.epoch && Object.values(client.position).join("."));
    try {
      socket = new WebSocket(address.href, ["momentum"].concat(held || []));
    } catch ({ name }) { // of the token
      return name === "SyntaxError" ? ended("token_malformed", 401) : stop(name);
    }
    socket.onmessage = ({ data }) => mine === attempt && read(data);
    socket.onclose = (event) => mine === attempt && socket.protocol && closed(event);
    socket.onerror = () => mine === attempt && (socket.protocol || inquire());
  }

  // inquire asks why.
  async function inquire() {
    const mine = attempt, headers = held ? { Authorization: `Bearer ${held}` } : {};
    const answer = await fetch(address.href.replace("ws", "http"), { headers }).catch(nothing);
    const body = await answer?.json().catch(nothing);
    if (mine !== attempt) return;
    if (answer?.ok !== false) again("lost", 0, answer);
    else ended(body?.error ?? `http:${answer.status}`, answer.status, answer.headers.get("Retry-After"));
  }

  function closed({ code, reason }) {
    ended(code === 1006 ? "lost" : `close:${code}`, code, /^101[23].*\bin (\d+) s\b/s.exec(`${code} ${reason}`)?.[1]);
  }

  function ended(why, code, seconds) {
    if ([401, 4001, 4002].includes(code) && typeof token === "function") again(stale = why, 0, true);
    else if (finalCodes.includes(code) && !(seconds > 0) && why !== "token_key_unknown") stop(why);
    else again(why, seconds);
  }

  // again waits as named, not for the first hurry, else backing off.
  function again(why, seconds, hurry) {
    drop();
    if (why === "lost" && globalThis.navigator?.onLine === false) why = "offline";
    named = seconds > 0;
    wait(why, named ? Math.min(seconds, 2e9) + Math.random() * 0.9 : hurry && !hurried++ ? 0 : Math.random() * doubled(backoff++));
  }

  function wait(why, time) {
    const until = Date.now() + time * 1000;
    after(dial, time, dial);
    set("waiting", why, until);
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
    timers.forEach(clearTimeout);
    timers.clear();
    if (opened && (lost = now()) - opened >= lastingTime) backoff = hurried = refusals = 0;
    opened = probing = false;
    for (const room of [main, ...topics.values()]) Object.assign(room, { stage: "", online: NaN }).presence.clear();
    for (const [id, call] of calls) call.kept ? call.sent = acks = 0 : answer(id, failure("lost"));
  }

  function wake({ type, persisted }) {
    if (persisted === false || type === "visibilitychange" && document.hidden) return;
    if (opened) probe();
    else if (client.until > Date.now() + 1000 && !named && type !== "offline") wait(client.why, Math.random());
  }

  function watch() {
    heard + idle > now() ? after(dial, heard + idle - now(), watch) : probe();
  }

  function probe() {
    if (probing) return;
    probing = true;
    socket.send('{"message_type":"ping"}');
    after(dial, pongTime, () => probing ? again("lost") : watch());
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
    presence: ({ sample, online, left }, { topic }) => present(topic, sample?.joined, sample?.left, online, left),
    subscribed: (data, { id }) => answer(id, undefined, data) ?? data.topics.forEach((entry) => topics.has(entry.topic) || subscribed(join(entry.topic), entry)),
    unsubscribed: (data, { id }) => answer(id, undefined, data) ?? data.topics.forEach((entry) => entry.error === "not_allowed" && lose(entry)),
  };

  function take(data, m) {
    const room = roomOf(m.topic), channel = m.topic ? "seq" : m.to_user_id ? "direct" : "broadcast";
    if (room?.topic && room.epoch && room.stage !== "known") return room.early.length < 256 && room.early.push(m);
    if (!room || m.seq <= room[channel]) return;
    handOver(room, m);
    if (m.seq) room[channel] = m.seq;
  }

  function handOver(room, m) {
    const key = JSON.stringify([m.from_user_id, m.to_user_id, m.topic, m.id]);
    if (now() < doubt && now() - ids.get(key) < doubtTime) return;
    ids.set(key, now());
    if (ids.size > 1000) ids.delete(ids.keys().next().value);
    room.handlers?.size ? tell(room.handlers, m) : emit("message", m);
  }

  function welcome(data) {
    opened = now();
    watch();
    away = opened - lost;
    set("open");
    if (opened) resume(main, data);
    presence && who(main);
    flush();
  }

  // resume takes a position.
  function resume(room, { epoch, broadcast, direct, seq, ...news }) {
    if (!(news.missed > 0)) Object.assign(room, { epoch, broadcast, direct, seq });
    if (news.resumed === undefined || news.reason === "new") return;
    if (!news.resumed) doubt = now() + doubtTime;
    emit("resumed", { away, ...news });
  }

  function moved(data) {
    const room = roomOf(data.topic);
    if (room) resume(room, { ...data, resumed: false, reason: "epoch", away: 0 });
  }

  function gap(data) {
    const room = roomOf(data.topic);
    if (room && !(room.topic && room.epoch && room.stage !== "known")) room[data.topic ? "seq" : data.channel] = data.to;
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

  // call sends a request. A kept one outlives the connection.
  function call(message, done, kept = 0) {
    if (!opened && !kept) return done(failure("not_open"));
    const id = `${prefix}-${++count}`, text = JSON.stringify({ id, ...message });
    if (new Blob([text]).size > maxBytes) return done(failure("too_long"));
    calls.set(id, { text, done, kept, since: now(), timer: kept && setTimeout(answer, sendTime * 1000, id, failure("expired")) });
    flush();
  }

  function answer(id, fault, data) {
    const call = calls.get(id);
    if (!call) return;
    if (passingErrors.includes(fault?.code)) return rest([call]);
    calls.delete(id);
    clearTimeout(call.timer);
    if (call.kept && data) pauses = 0, acks += acks < 192;
    call.done(fault, data);
    flush();
    return true;
  }

  function refused({ ref_id, code, message }) {
    if (answer(ref_id, failure(code, message))) return;
    code === "rate_limited" ? rest(calls.values()) : emit("error", { code, message, ref_id });
  }

  // rest sends calls again later.
  function rest(some) {
    for (const call of some) call.sent = acks = 0;
    timers.has(rest) || pause(rest, pauses++, flush);
    return true;
  }

  function flush() {
    if (!opened || timers.has(rest)) return;
    const due = [...topics.values()].filter((topic) => !topic.stage).slice(0, 128);
    if (due.length) return subscribeTo(due);
    let sent = 0;
    for (const [id, call] of [...calls].sort((a, b) => a[1].kept - b[1].kept)) {
      if (call.kept && ++sent > 4 + acks / 16 || call.sent || !opened) continue;
      call.sent = true;
      now() - call.since > sendTime ? answer(id, failure("expired")) : socket.send(call.text);
    }
  }

  const send = (data, { type = "text", to, topic } = {}) => promised((done) => {
    if (client.state === "closed") done(failure("closed"));
    else if (to === "") done(failure("bad_user_id"));
    else if (topic === "") done(failure("bad_topic"));
    else if (calls.size >= 256) done(failure("too_many"));
    else call({ message_type: type, data, to_user_id: to, topic, ack: true }, done, true);
  });

  const ask = (type, data) => promised((done) => call({ message_type: type, data }, done));

  function subscribe(name, handler, { presence, position } = {}) {
    const topic = topics.get(name) ?? join(name, position);
    topic.handlers.add(handler);
    if (presence && !topic.wants) [topic.wants, topic.stage] = [true];
    if (client.state === "closed") topic.settle(failure("closed"));
    flush();
    return { __proto__: topic, unsubscribe: () => unsubscribe(topic, handler) };
  }

  function join(name, position) {
    const topic = roomFor({ topic: name, ...position, handlers: new Set() });
    topic.ready = promised((settle) => { topic.settle = settle; });
    topics.set(name, topic);
    return topic;
  }

  function subscribeTo(some) {
    const list = some.map(({ topic, epoch, seq, wants }) => ({ topic, ...(epoch && { epoch, seq }), presence: wants }));
    for (const topic of some) topic.stage = list;
    call({ message_type: "subscribe", data: { topics: list } }, (fault, data) => some.forEach((topic, i) => {
      topic.stage === list && subscribed(topic, fault ? { ...topic, error: fault.code } : data.topics[i]);
    }));
  }

  function subscribed(topic, entry) {
    if (topics.get(topic.topic) !== topic) return;
    if (entry.error) return lose(entry);
    topic.stage = "known";
    resume(topic, entry);
    topic.settle();
    for (const m of topic.early.splice(0)) if (opened && !entry.resumed) handOver(topic, m);
    if (topic.wants) who(topic);
  }

  // lose ends a subscription, or asks for it later.
  function lose({ topic: name, error }) {
    const topic = topics.get(name);
    if (topic?.epoch && error === "node_full") pause(topic, refusals++, () => flush(topic.stage = ""));
    else topics.delete(name), topic?.settle(failure(error));
    if (topic?.epoch) emit("error", { code: error, topic: name });
  }

  async function unsubscribe(topic, handler) {
    topic.handlers.delete(handler);
    if (topic.handlers.size || topics.get(topic.topic) !== topic) return;
    topics.delete(topic.topic);
    topic.settle(failure("unsubscribed"));
    if (topic.stage) await ask("unsubscribe", { topics: [topic.topic] }).catch(nothing);
  }

  function present(topic, joined = [], left = [], online, gone, listed) {
    const room = roomOf(topic);
    if (!room) return;
    if (gone > left.length) room.presence.clear();
    for (const user of joined) room.presence.set(user.user_id, user.username);
    for (const user of left) room.presence.delete(user.user_id);
    room.online = online ?? room.online + joined.length - left.length;
    emit("presence", { topic, joined, left, online: room.online, listed });
  }

  // who asks for all pages, and once more.
  function who(room, again, cursor, pages = 10) {
    const { topic } = room;
    call({ message_type: "who", data: { topic, after: cursor } }, (fault, data) => {
      if (fault) return;
      if (data.next && --pages) who(room, again, data.next, pages);
      else if (!again) after(room, graceTime, () => who(room, true));
      present(topic, data.users, [], topic ? room.online : data.count, 0, true);
    });
  }

  const client = {
    __proto__: main,
    state: "connecting",
    get position() { return (({ epoch, broadcast, direct }) => ({ epoch, broadcast, direct }))(main); },
    on,
    send,
    sendTo: (to, data, options) => send(data, { ...options, to: to || "" }),
    publish: (topic, data, options) => send(data, { ...options, topic: topic || "" }),
    ask,
    subscribe,
    close() { if (client.state !== "closed") stop("closed"); },
  };
  for (const name of pageEvents) globalThis.addEventListener?.(name, wake);
  queueMicrotask(() => attempt || dial());
  return client;
}
