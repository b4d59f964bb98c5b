// Timers that are early, by Node's rule: it counts the time of one from the begin of the turn that sets it. And a machine that stalls.
import assert from "node:assert/strict";
import test from "node:test";

import { connect } from "../client/momentum.js";
import { Server } from "./server.mjs";
import { World } from "./world.mjs";

test("a client whose timers are early comes no earlier than it was told", async () => {
  for (const [early, stall] of [[2, 0], [50, 0], [900, 0], [10, 10]]) {
    const world = new World(() => 0);
    const exact = globalThis.setTimeout;
    globalThis.setTimeout = (act, time, ...rest) => {
      const id = exact(act, time > 1000 ? time - early : time, ...rest);
      if (Math.round(time) === 3000) world.slept += stall; // the wait that was told
      return id;
    };
    const server = new Server(world, () => ({ open: { end: { after: 1, close: { code: 1013, reason: "too slow; reconnect in 3 s" } } } }));
    const client = connect({ url: "ws://momentum.example/ws", token: "t1", WebSocket: server.WebSocket });
    const states = [];
    client.on("state", ({ state, until }) => states.push({ state, until, at: Date.now() }));
    await world.run(4500);
    const waits = states.findIndex(({ state }) => state === "waiting");
    const [wait, next] = states.slice(waits);
    assert.ok(waits >= 0 && next?.state === "connecting", `${JSON.stringify(states)}`);
    assert.ok(next.at >= wait.until - 1 && next.at < wait.until + 100, `timers ${early} ms early, and a stall of ${stall} ms: told ${wait.until}, and comes ${wait.until - next.at} ms before`);
    client.close();
  }
});
