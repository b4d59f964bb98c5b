// The list of messages. Everything that came from somebody else is set as text, never as markup.
import { linked } from "./links.js";

// The page is for looking at a conversation, not for keeping it: beyond this many entries a browser that is
// left open in a lively room would only grow slower.
const maxEntries = 500;
const maxKept = 100; // over a reload

const list = document.getElementById("log");
const times = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const entries = []; // the last ones, as data

// What is told in half a line: who comes and goes, and pongs.
const asides = new Set(["user_joined", "user_left", "presence", "pong"]);

// put adds an entry. It asks nothing of the layout, so that a storm of arrivals costs one layout a frame and not one each. That
// the list stays at its end is the style sheet's doing.
function put(entry) {
  entries.push(entry);
  if (entries.length > maxKept) entries.shift();
  const item = document.createElement("div");
  item.className = entry.className;
  item.dataset.type = entry.type;
  if (entry.head.length) item.append(headLine(entry.head));
  const words = span("words", "");
  words.append(...linked(entry.text));
  item.append(words);
  list.append(item);
  while (list.childElementCount > maxEntries) list.firstElementChild.remove();
  return item;
}

function headLine(head) {
  const line = document.createElement("div");
  line.className = "head";
  line.append(...head.map(([name, words]) => span(name, words)));
  return line;
}

function span(className, text) {
  const s = document.createElement("span");
  s.className = className;
  s.textContent = text;
  return s;
}

function clock(stamp) {
  const t = stamp ? new Date(stamp) : new Date();
  return Number.isNaN(t.getTime()) ? "" : times.format(t);
}

function headOf(type, who, time, tags) {
  const head = [["who", who], ["", time]];
  if (type !== "text") head.push(["kind", type.replace("_", " ")]);
  return [...head, ...tags.filter(Boolean).map((tag) => ["kind", tag])];
}

function names(...all) { return all.filter(Boolean).join(" "); }

export const log = {
  message(m, who, text, missed = false) {
    const type = m.message_type, direct = m.to_user_id && "direct", topic = m.topic && "topical";
    const tags = [direct && "to you only", m.topic && `#${m.topic}`, missed && "missed"];
    put({ className: names("message", direct, topic, missed && "missed"), type, head: headOf(type, who, clock(m.timestamp), tags), text });
  },

  // own shows a message of this page's, which is on its way until settled is called.
  own(type, to, text, topical) {
    const entry = { className: names("message own", topical && "topical"), type, head: headOf(type, "you", clock(), [to]), text };
    const item = put(entry), state = span("sending", "sending");
    item.querySelector(".head").append(state);
    return (words, failed) => {
      entry.head.push([failed ? "kind failure" : "kind", words]);
      [state.className, state.textContent] = entry.head.at(-1);
      if (failed) entry.className = item.className += " failed";
    };
  },

  aside(type, text) { put({ className: "message", type, head: [], text }); },
  note(text) { put({ className: "note", type: "note", head: [], text }); },
  warning(text) { put({ className: "note warning", type: "note", head: [], text }); },
  entries: () => entries,
  restore(all) { all.forEach(put); },
  isAside: (type) => asides.has(type),
};
