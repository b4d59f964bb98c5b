import assert from "node:assert";
import test from "node:test";
import { bytes, ms, number, percent, span } from "../dashboard/words.js";

test("figures are short", () => {
  assert.deepEqual([null, 0, 0.123456, 12.34, 1234.5].map(number), ["–", "0", "0.123", "12.3", "1,235"]);
  assert.deepEqual([0, 999, 1000, 1_234_567].map(bytes), ["0 B", "999 B", "1 kB", "1.23 MB"]);
  assert.deepEqual([0.5, 12.34, 1500].map(ms), ["0.5 ms", "12.3 ms", "1.5 s"]);
  assert.deepEqual([null, 0, 0.00001, 0.5, 90, 150, 7300, 200_000].map(span), ["–", "0 s", "< 0.1 s", "0.5 s", "90 s", "2 min", "2 h 1 min", "2 days"]);
  assert.deepEqual([null, 0.5].map(percent), ["–", "50 %"]);
});
