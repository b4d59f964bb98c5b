// The list of messages. Everything that came from somebody else is set as text, never as markup.

// The page is for looking at a conversation, not for keeping it: beyond this many entries a browser that is
// left open in a lively room would only grow slower.
const mostEntries = 500;

const list = document.getElementById("log");
const times = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

// What is told in half a line: who comes and goes, and pongs.
const asides = new Set(["user_joined", "user_left", "presence", "pong"]);

// entry asks nothing of the layout, so that a storm of arrivals costs one layout a frame and not one each. That
// the list stays at its end is the style sheet's doing.
function entry(className, type, head, text) {
  const item = document.createElement("div");
  item.className = className;
  item.dataset.type = type;
  if (head.length) {
    const line = document.createElement("div");
    line.className = "head";
    line.append(...head.map(([name, words]) => span(name, words)));
    item.append(line);
  }
  item.append(span("words", text));
  list.append(item);
  while (list.childElementCount > mostEntries) list.firstElementChild.remove();
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

function headOf(type, who, time, to, missed) {
  const head = [["who", who], ["", time]];
  if (type !== "text") head.push(["kind", type.replace("_", " ")]);
  if (to) head.push(["kind", to]);
  if (missed) head.push(["kind", "missed"]);
  return head;
}

export const log = {
  message(m, who, text, missed = false) {
    const type = m.message_type;
    if (asides.has(type)) return entry("message", type, [], [who, text].filter(Boolean).join(" "));
    const direct = m.to_user_id !== undefined;
    const classes = ["message", direct && "direct", missed && "missed"].filter(Boolean).join(" ");
    entry(classes, type, headOf(type, who, clock(m.timestamp), direct ? "to you only" : "", missed), text);
  },
  own(type, to, text) { entry("message own", type, headOf(type, "you", clock(), to ? `to ${to} only` : ""), text); },
  note(text) { entry("note", "note", [], text); },
  warning(text) { entry("note warning", "note", [], text); },
};
