// Plays all orders of the answers in client/testdata/orders.json, and prints the client's trace of each for client/orders_test.go.
// "node orders.mjs N" plays those of at most N answers, and prints a line of JSON for each.
import { readFileSync } from "node:fs";

import { perform } from "./program.mjs";

const most = Number(process.argv[2]);
const table = JSON.parse(readFileSync(new URL("../../client/testdata/orders.json", import.meta.url), "utf8"));

for (const program of table.programs) {
  for (const order of orders(program, [])) {
    const { events, options } = program, { end, last } = table;
    const record = await perform({ options, events, end, server: [...order.map(({ does }) => does), last] });
    console.log(JSON.stringify({ order: order.map(({ name }) => name), trace: trace(record) }));
  }
}

// orders returns all orders that begin with some answers. Nothing follows one that closes the client.
function* orders(program, begin) {
  for (const answer of table.answers) {
    const order = [...begin, answer];
    if (!order.every(({ longest = 2 }) => order.length <= longest)) continue;
    yield order;
    const closed = answer.closed || program.options.token === "string" && answer.closed_with_string;
    if (order.length < Math.min(most, program.longest) && !closed) yield* orders(program, order);
  }
}

// trace writes down all that the program and the server have seen. The Go test writes the same lines.
function trace({ seen, settled, tokens, server }) {
  return [
    ...seen.map(event),
    ...server.requests.map(({ at, token, resume }) => `${time(at)} request token=${token} resume=${resume}`),
    ...tokens.map((why) => `token ${why}`),
    ...server.sent.map(({ at, connection, message }) => `${time(at)} sent ${message.message_type} on ${connection}`),
    ...settled.map(({ at, name, code = "ack" }) => `${time(at)} settled ${name} ${code}`).sort(),
  ];
}

function event({ at, state, why, until, message, gap, resumed, error }) {
  if (message) return `${time(at)} message ${message.id}`;
  if (gap) return `${time(at)} gap ${gap.channel} ${gap.topic ?? ""} ${gap.from} ${gap.to}`;
  if (resumed) return `${time(at)} resumed ${resumed.topic ?? ""} ${resumed.resumed} ${resumed.missed ?? 0} ${resumed.reason ?? ""} ${time(resumed.away)}`;
  if (error) return `${time(at)} error ${error.code} ${error.topic ?? ""}`;
  return `${time(at)} ${state} ${why} ${until === undefined ? "" : time(until)}`;
}

function time(seconds) { return seconds.toFixed(2); }
