// A chat in one page. Open it as index.html#token=TOKEN, with &url=ws://HOST:PORT/ws if the server is not on this host.
// The part after # stays in the browser: it is in no log of a web server.

const settings = new URLSearchParams(location.hash.slice(1));
const url = settings.get("url") ?? "ws://127.0.0.1:8000/ws";
const firstDelay = 500, longestDelay = 30000; // milliseconds

const element = (id) => document.getElementById(id);
let socket;
let attempts = 0;

function connect() {
  // A page cannot set headers, so the token goes into the list of subprotocols. The server answers with "momentum" alone.
  socket = new WebSocket(url, ["momentum", settings.get("token") ?? ""]);
  socket.onopen = () => {
    attempts = 0;
    element("state").textContent = "connected";
  };
  socket.onmessage = (event) => show(JSON.parse(event.data));
  socket.onclose = (event) => {
    const wait = delay(event);
    element("state").textContent = wait === null ? `closed: ${event.code} ${event.reason}` : "reconnecting";
    if (wait !== null) setTimeout(connect, wait);
  };
}

// delay is the time in milliseconds before the next attempt, or null if it would fail like the last one. A random time
// keeps all pages of a server that has failed from coming back at once.
function delay({ code, reason }) {
  const named = code === 1012 && /reconnect in (\d+) s/.exec(reason);
  if (named) return 1000 * named[1];
  if (![1001, 1006, 1012, 1013].includes(code)) return null;
  return Math.random() * Math.min(longestDelay, firstDelay * 2 ** attempts++);
}

function show(message) {
  const item = document.createElement("li");
  item.textContent = `${message.message_type}: ${JSON.stringify(message.data)}`;
  element("log").append(item);
}

element("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return; // the text stays in its field
  socket.send(JSON.stringify({ message_type: "text", data: { content: element("text").value } }));
  element("text").value = "";
});

connect();
