// Plays the table that both clients have in common, and that of pages.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { Late, perform } from "./program.mjs";

for (const table of ["../../client/testdata/behaviour.json", "testdata/pages.json"]) {
  const cases = JSON.parse(readFileSync(new URL(table, import.meta.url), "utf8"), unrolled);
  for (const c of cases) test(c.name, () => play(c));
}

// unrolled returns a list with each entry that has times, and is no event of the program, so many times. In the n-th, #n is n.
function unrolled(key, list) {
  if (!Array.isArray(list)) return list;
  return list.flatMap((entry) => {
    const { times, ...one } = entry ?? {};
    return !times || one.do ? [entry] : Array.from({ length: times }, (_, i) => JSON.parse(JSON.stringify(one).replaceAll("#n", i + 1)));
  });
}

async function play(c) {
  const { client, server, seen, settled, tokens, program } = await perform(c, 1 + Math.max(0, ...[...c.expect, ...c.settled ?? []].map(({ at }) => at)));
  matchAll(seen, c.expect, "the program gets");
  matchAll(settled, c.settled ?? [], "it is settled");
  const named = (object) => JSON.parse(JSON.stringify(object), (key, value) => typeof value === "string" && value[0] === "#" ? program.ids.get(value.slice(1)) : value);
  if (c.requests) matchAll(server.requests, c.requests, "the server is asked");
  if (c.sent) matchAll(server.sent, named(c.sent), "the client sends");
  if (c.sent_count !== undefined) assert.equal(server.sent.length, c.sent_count);
  if (c.tokens) assert.deepEqual(tokens, c.tokens);
  if (c.questions) matchAll(server.questions, c.questions, "a failed handshake is asked about");
  if (c.users) assert.deepEqual(Object.fromEntries(client.presence), c.users);
  if (c.online) assert.equal(client.online, c.online);
  assert.equal(server.mostOpen <= 1, true, "there was more than one socket");
}

function matchAll(got, want, what) {
  assert.equal(got.length, want.length, `${what} ${JSON.stringify(got, null, 1)}`);
  got.forEach((one, i) => assert.ok(matches(one, want[i]), `${what} ${JSON.stringify(one)}, want ${JSON.stringify(want[i])}`));
}

// matches compares the fields that the expectation names.
function matches(got, want) {
  if (typeof want === "number") return Math.abs(got - want) < 0.011;
  if (want instanceof Late) return got === String(want);
  if (typeof want !== "object" || want === null) return got === want;
  if (typeof got !== "object" || got === null) return want === null;
  if (Array.isArray(want) && want.length !== got.length) return false;
  return Object.entries(want).every(([key, value]) => matches(got[key], value));
}
