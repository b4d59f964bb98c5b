// A chat in one page. Open it as index.html#token=TOKEN, with &url=ws://HOST:PORT/ws if the server is not on this host.
// The part after # stays in the browser: it is in no log of a web server.

const settings = new URLSearchParams(location.hash.slice(1));
const url = settings.get("url") ?? "ws://127.0.0.1:8000/ws";

// The server has the client. A page of the server's own host would write: import { connect } from "/client/momentum.js".
const { connect } = await import(new URL("/client/momentum.js", url.replace("ws", "http")).href);

const element = (id) => document.getElementById(id);
const client = connect({ url, token: settings.get("token") ?? "" });

client.on("state", ({ state, why, until }) => {
  element("state").textContent = until ? `${state} (${why}) until ${new Date(until).toLocaleTimeString()}` : `${state} ${why}`;
});

client.on("message", (message) => show(`${message.from_username ?? "the server"}: ${JSON.stringify(message.data)}`));
client.on("resumed", ({ resumed, missed, away }) => show(resumed ? `back after ${away} s, ${missed} missed` : "messages may be missing"));

function show(text) {
  const item = document.createElement("li");
  item.textContent = text;
  element("log").append(item);
}

element("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  // The client keeps the message until the server has it, also over a lost connection.
  const content = element("text").value;
  client.send({ content }).then(() => show(`you: ${content}`), (fault) => show(`not sent: ${fault.message}`));
  element("text").value = "";
});
