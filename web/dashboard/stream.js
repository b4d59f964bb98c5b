// The stream of the node. An EventSource cannot send a token, so the page reads the body of a fetch.
import { open } from "./calls.js";

const silence = 5000; // ms without a byte, after which the stream counts as lost: a view comes each second

// read calls handle(name, data) for each event of a body, until the body ends.
export async function read(body, handle, heard = () => {}) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    rest += value;
    for (let at = rest.indexOf("\n\n"); at >= 0; at = rest.indexOf("\n\n")) {
      const { event, data } = fields(rest.slice(0, at));
      rest = rest.slice(at + 2);
      if (event) handle(event, JSON.parse(data));
    }
  }
}

function fields(text) {
  return Object.fromEntries(text.split("\n").map((line) => {
    const at = line.indexOf(": ");
    return [line.slice(0, at), line.slice(at + 2)];
  }));
}

// follow connects again and again, until stop is called or the node refuses the token.
export function follow({ handle, state, refused }) {
  let stopped = false, attempt, waiting, ended = "";
  const pause = (ms) => new Promise((resolve) => { waiting = { resolve, timer: setTimeout(resolve, ms) }; });
  const once = async () => {
    attempt = new AbortController();
    const give = () => attempt.abort();
    let timer = setTimeout(give, 2 * silence);
    const heard = () => { clearTimeout(timer); timer = setTimeout(give, silence); };
    ended = "";
    try {
      const answer = await open("GET", "ws/stream", { signal: attempt.signal });
      await read(answer.body, (name, data) => {
        if (name === "end") ended = data.reason;
        else handle(name, data);
      }, heard);
    } finally {
      clearTimeout(timer);
    }
  };
  (async () => {
    for (let failures = 0; !stopped;) {
      try {
        await once();
        failures = 0;
      } catch (fault) {
        if (stopped) return;
        if (fault.status === 401 || fault.status === 403) return refused(fault);
        failures++;
        if (fault.status) ended = fault.message;
      }
      if (stopped) return;
      const ms = ended === "reloaded" ? 100 : Math.min(1000 * 2 ** failures, 10_000);
      state(ended === "stopped" ? "the node has stopped" : ended && ended !== "reloaded" ? ended : "the connection was lost");
      await pause(ms);
    }
  })();
  return { stop() { stopped = true; attempt?.abort(); clearTimeout(waiting?.timer); waiting?.resolve(); } };
}
