// The list of messages. Everything that came from somebody else is set as text, never as markup.

// The page is for looking at a conversation, not for keeping it: beyond this many entries a browser that is
// left open in a lively room would only grow slower.
const mostEntries = 500;

const list = document.getElementById("log");

function entry(className, type, who, text, time) {
  const item = document.createElement("li");
  item.className = className;
  item.dataset.type = type;
  if (who) {
    const head = document.createElement("div");
    head.className = "head";
    head.append(span("who", who), span("", time), span("", type === "text" ? "" : type.replace("_", " ")));
    item.append(head);
  }
  item.append(span("words", text));
  const follows = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.append(item);
  while (list.childElementCount > mostEntries) list.firstElementChild.remove();
  if (follows) list.scrollTop = list.scrollHeight;
}

function span(className, text) {
  const s = document.createElement("span");
  s.className = className;
  s.textContent = text;
  return s;
}

function clock(stamp) {
  const t = stamp ? new Date(stamp) : new Date();
  return Number.isNaN(t.getTime()) ? "" : t.toLocaleTimeString();
}

export const log = {
  message(m, who, text) {
    const quiet = ["user_joined", "user_left", "presence", "pong"].includes(m.message_type);
    if (quiet) entry("message", m.message_type, "", [who, text].filter(Boolean).join(" "), "");
    else entry("message", m.message_type, who, text, clock(m.timestamp));
  },
  own(type, who, text) { entry("own", type, who, text, clock()); },
  note(text) { entry("note", "note", "", text, ""); },
};
