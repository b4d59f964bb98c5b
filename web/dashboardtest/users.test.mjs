import assert from "node:assert";
import test from "node:test";

// fake is an element that takes everything and shows nothing.
const fake = () => ({
  dataset: {}, classList: { toggle() {} }, addEventListener() {}, setAttribute() {}, append() {}, hidden: true, shown: 0,
  querySelector: () => fake(), querySelectorAll: () => [], replaceChildren() { this.shown++; },
});
globalThis.document = { getElementById: fake, createElement: fake, body: fake() };
const { Users } = await import("../dashboard/users.js");

test("a search writes nothing once another question was asked", async () => {
  const users = new Users(), answers = [];
  let text = "al";
  users.filters = () => ({ text });
  globalThis.fetch = () => new Promise((resolve) => answers.push((next) => resolve(Response.json({ users: [], count: 2, next }))));
  const search = users.show();
  text = "";
  const list = users.show();
  answers[1]();
  await list;
  const { shown } = users.table, said = users.note.textContent;
  answers[0]("a place");
  await search;
  assert.deepEqual([answers.length, users.table.shown, users.note.textContent, users.stop.hidden], [2, shown, said, true]);
});
