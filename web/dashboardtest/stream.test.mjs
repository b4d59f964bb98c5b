import assert from "node:assert";
import test from "node:test";
import { use } from "../dashboard/token.js";
import { follow, read } from "../dashboard/stream.js";

const bytes = new TextEncoder();
const body = (...parts) => new ReadableStream({ start(c) { parts.forEach((p) => c.enqueue(bytes.encode(p))); c.close(); } });

test("events are read however they are cut", async () => {
  const text = 'event: view\ndata: {"a":"x: y"}\n\nevent: end\ndata: {"reason":"stopped"}\n\n';
  for (let at = 0; at <= text.length; at++) {
    const got = [];
    await read(body(text.slice(0, at), text.slice(at)), (name, data) => got.push([name, data]));
    assert.deepEqual(got, [["view", { a: "x: y" }], ["end", { reason: "stopped" }]]);
  }
});

test("the token is in the header, and a refusal ends the attempts", async () => {
  use("open sesame");
  const asked = [];
  globalThis.fetch = async (path, options) => {
    asked.push([path, options.headers.Authorization]);
    return new Response('{"error":"unauthorized","message":"no"}', { status: 401 });
  };
  const fault = await new Promise((resolve) => follow({ handle() {}, state() {}, refused: resolve }));
  assert.deepEqual(asked, [["ws/stream", "Bearer open sesame"]]);
  assert.equal(fault.code, "unauthorized");
  use("");
});

test("a stream that ends is opened again", async () => {
  const answers = ['event: view\ndata: 1\n\nevent: end\ndata: {"reason":"reloaded"}\n\n', "event: view\ndata: 2\n\n"], got = [];
  globalThis.fetch = async () => new Response(body(answers.shift()));
  const why = await new Promise((resolve) => {
    const stream = follow({ handle: (_, data) => got.push(data), refused() {}, state: (text) => { if (!answers.length) { stream.stop(); resolve(text); } } });
  });
  assert.deepEqual(got, [1, 2]);
  assert.equal(why, "the connection was lost");
});
