import assert from "node:assert";
import test from "node:test";
import { Past } from "../dashboard/past.js";

const view = (seconds, state = "calm", refusals = {}) => ({
  seconds, connections: { now: seconds }, reactors: [{ lag_p99_ms: 1 }, { lag_p99_ms: null }, { lag_p99_ms: 3 }], cpu_cores: null,
  storm: { state, missing_clients: 0, arrivals_per_second: 0, admissions_per_second: 0, refusals_per_second: refusals },
  per_second: { deliveries: 0, closes: 0 }, handshake: { p50_ms: null, p99_ms: null },
});

test("the history goes on with the views", () => {
  const p = new Past();
  p.load({ started: "2024-01-01T00:00:00Z", seconds: [1, 2], connections: [5, 6], refusals_per_second: { full: [0, 4] }, states: [{ seconds: 1, state: "calm" }] });
  p.push(view(2)); // the history has it
  p.push(view(3, "storm", { busy: 7 }));
  assert.deepEqual(p.column.connections, [5, 6, 3]);
  assert.deepEqual(p.refused.get("full"), [0, 4, 0]);
  assert.deepEqual(p.refused.get("busy"), [0, 0, 7]);
  assert.equal(p.column.lag_p99_ms.at(-1), 3);
  assert.deepEqual(p.states.map((s) => s.state), ["calm", "storm"]);
});

test("the history is bounded, and all columns are equally long", () => {
  const p = new Past();
  for (let s = 1; s <= 1000; s++) p.push(view(s, s < 50 ? "storm" : "calm", s === 1 ? { busy: 1 } : {}));
  assert.equal(p.time.length, 900);
  for (const list of [...Object.values(p.column), ...p.refused.values()]) assert.equal(list.length, 900);
  assert.deepEqual(p.states.map((s) => s.state), ["calm"]);
});
