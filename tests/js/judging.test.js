// Judging without a browser: keys, what waits to be sent, the pairs at hand, the pace.
import assert from "node:assert/strict";
import { test } from "node:test";

import { isMeant, labelKeys, meaning } from "../../sqid_ui/judge/desk/keys.js";
import { Line, isDone } from "../../sqid_ui/judge/desk/line.js";
import { Outbox, newKey, wholeText } from "../../sqid_ui/judge/desk/outbox.js";
import { adopt, lines, strays } from "../../sqid_ui/judge/desk/strays.js";
import { Pace, duration, progress } from "../../sqid_ui/judge/desk/pace.js";

const ESCI = ["E", "S", "C", "I"];

test("a label has its letter, and its place as well", () => {
  assert.deepEqual(labelKeys(ESCI), ["e", "s", "c", "i"]);
  assert.deepEqual([meaning("C", ESCI), meaning("3", ESCI)], [{ label: 2 }, { label: 2 }]);
  assert.deepEqual([meaning("5", ESCI), meaning("x", ESCI), meaning("Enter", ESCI)], [null, null, null]);
});

test("commands keep their letters, and grades that are digits are no places", () => {
  assert.deepEqual(labelKeys(["High", "L", "N"]), ["1", "2", "3"]);
  assert.deepEqual(meaning("l", ["High", "L", "N"]), { command: "later" });
  assert.deepEqual(labelKeys(["4", "3", "2", "1", "0"]), ["4", "3", "2", "1", "0"]);
  assert.deepEqual([meaning("4", ["4", "3", "0"]), meaning("1", ["4", "3", "0"])], [{ label: 0 }, null]);
  assert.deepEqual(labelKeys(Array(12).fill("long"))[8], "9");
  assert.deepEqual(labelKeys(Array(12).fill("long"))[9], "");
});

test("what is typed, a shortcut and a dialog are not meant for judging", () => {
  const event = (...path) => ({ composedPath: () => path });
  const node = (selector) => ({ matches: (asked) => asked.includes(selector) });
  assert.equal(isMeant(event({}, node("button"))), true);
  for (const typed of ["textarea", "input", "[role=dialog]"]) assert.equal(isMeant(event(node(typed))), false);
  assert.equal(isMeant(event({ isContentEditable: true })), false);
  assert.equal(isMeant({ ...event(), ctrlKey: true }), false);
  assert.equal(isMeant({ ...event(), isComposing: true }), false);
});

class Storage {
  entries = new Map();
  get length() {
    return this.entries.size;
  }
  key = (place) => [...this.entries.keys()][place] ?? null;
  getItem = (name) => this.entries.get(name) ?? null;
  setItem = (name, text) => this.entries.set(name, text);
  removeItem = (name) => this.entries.delete(name);
}

test("acts of two tabs wait side by side, in the judge's order, and for their judge alone", () => {
  const storage = new Storage(), [one, two] = [new Outbox(storage, "shop", "j1"), new Outbox(storage, "shop", "j1")];
  one.add({ key: "a", number: one.nextNumber() });
  two.add({ key: "b", number: two.nextNumber() });
  one.add({ key: "c", number: one.nextNumber() });
  assert.deepEqual(two.waiting().map(({ key, number }) => [key, number]), [["a", 1], ["b", 2], ["c", 3]]);
  assert.deepEqual(new Outbox(storage, "shop", "j2").waiting(), []);
  assert.deepEqual(new Outbox(storage, "shop2", "j1").waiting(), []);
  two.drop(["a", "nothing"]);
  assert.deepEqual(one.waiting().map(({ key }) => key), ["b", "c"]);
  one.heard(40);
  assert.equal(one.nextNumber(), 41);
  assert.equal(two.nextNumber(), 42);
});

test("where the browser keeps nothing, acts wait in the page, and the page says so", () => {
  const full = { length: 0, getItem: () => null, removeItem() {}, setItem() { throw new Error("full"); } };
  for (const storage of [full, null]) {
    const outbox = new Outbox(storage, "shop", "j");
    assert.equal(outbox.isFragile, false);
    outbox.add({ key: "a", number: outbox.nextNumber() });
    outbox.add({ key: "b", number: outbox.nextNumber() });
    assert.deepEqual(outbox.waiting().map(({ number }) => number), [1, 2]);
    assert.equal(outbox.isFragile, true);
    const drawnAnew = new Outbox(storage, "shop", "j");
    assert.deepEqual(drawnAnew.waiting().map(({ key }) => key), ["a", "b"]);
    assert.equal(drawnAnew.nextNumber(), 3);
    assert.deepEqual(new Outbox(storage, "shop", "another").waiting(), []);
    outbox.drop(["a", "b"]);
    assert.deepEqual([outbox.waiting(), outbox.isFragile], [[], false]);
  }
});

test("what others left in the browser's storage does no harm", () => {
  const storage = new Storage(), outbox = new Outbox(storage, "shop", "j");
  outbox.add({ key: "a", number: 1 });
  for (const text of ["{", "null", "3", '{"key":"b"}']) storage.setItem(`${outbox.begin}${text}`, text);
  storage.setItem(outbox.counter, "many");
  assert.deepEqual(outbox.waiting(), [{ key: "a", number: 1 }]);
  assert.equal(outbox.nextNumber(), 1);
});

test("keys differ, and texts are whole letters", () => {
  assert.notEqual(newKey(), newKey());
  assert.match(newKey(), /^[0-9a-f]{32}$/);
  assert.equal(wholeText("a\0b\ud83d", 10), "ab");
  assert.equal(wholeText("x😀", 2), "x");
  assert.equal(wholeText("😀 שלום", 99), "😀 שלום");
});

const pair = (name, more = {}) => ({ query_id: "q", product_id: name, showing: 1, word: null, known: null, ...more });
const answer = (names, more = {}) => ({ past: [], pairs: names.map((name) => pair(name)), count: names.length, done: 0, seconds: null, more: false, ...more });
const said = (name, kind, value, key, showing = 1) => ({ query_id: "q", product_id: name, kind, value, key, showing });

test("one pair after another; what was put off comes last", () => {
  const line = new Line();
  line.take(answer(["a", "b", "c"]), [], true);
  const step = (kind, value = "") => {
    line.apply(said(line.shown.product_id, kind, value, `${line.shown.product_id} ${kind}`));
    line.at = line.next(line.at);
    return line.shown?.product_id ?? null;
  };
  assert.equal(line.shown.product_id, "a");
  assert.equal(step("later"), "b");
  assert.equal(step("label", "Exact"), "c");
  assert.equal(step("unrateable"), "a");
  assert.equal(line.done, 2);
  assert.equal(step("label", "Exact"), null);
  assert.equal(line.done, 3);
});

test("an undo brings back what was said before", () => {
  const line = new Line();
  line.take(answer(["a"]), [], true);
  line.apply(said("a", "label", "Exact", "1"));
  line.apply(said("a", "label", "Irrelevant", "2"));
  line.apply(said("a", "undo", "2", "3"));
  assert.equal(line.items[0].words.at(-1).value, "Exact");
  line.takeBack("1");
  assert.deepEqual([isDone(line.items[0]), line.done], [false, 0]);
});

test("after a reload what waits is applied to what the server knew", () => {
  const line = new Line();
  const known = { past: [pair("z", { word: { key: "0", kind: "label", value: "Exact" } })], done: 1, count: 3 };
  line.take(answer(["a", "b"], known), [said("a", "label", "Exact", "1"), said("z", "undo", "0", "2")], false);
  assert.equal(line.done, 1);
  assert.equal(line.shown.product_id, "z");
  assert.equal(isDone(line.items[0]), false);
});

test("more pairs join those at hand, each once; a second showing is another pair and learns nothing", () => {
  const line = new Line();
  line.take(answer(["a", "b"], { more: true }), [], true);
  line.apply(said("a", "label", "Exact", "1"));
  line.take(answer(["b", "c"], { count: 4, done: 1 }), [], true);
  assert.deepEqual(line.items.map(({ product_id }) => product_id), ["a", "b", "c"]);
  line.take({ ...answer([]), pairs: [pair("a", { showing: 2 })], count: 4, done: 1 }, [], true);
  line.learn({ query_id: "q", product_id: "a", published: "Exact" });
  assert.deepEqual(line.items.filter(({ product_id }) => product_id === "a").map(({ known }) => known), [{ published: "Exact" }, null]);
});

test("an answer that knows less than was done here counts nothing back", () => {
  const line = new Line();
  line.take(answer(["a", "b"], { more: true }), [], true);
  line.apply(said("a", "label", "Exact", "1"));
  line.take(answer(["a", "b", "c"], { done: 0 }), [said("a", "label", "Exact", "1")], false);
  assert.equal(line.done, 1);
});

test("J and K go on and back and stop at the ends", () => {
  const line = new Line();
  line.take(answer(["a", "b"]), [], true);
  assert.deepEqual([line.move(-1), line.move(1), line.move(1), line.at], [false, true, false, 1]);
  line.at = -1; // all done: behind the last
  assert.deepEqual([line.move(1), line.move(-1), line.at], [false, true, 1]);
});

test("the pace is a median, in words that people use", () => {
  const pace = new Pace();
  assert.equal(progress(0, 60, pace.seconds), "0 of 60");
  for (const seconds of [8, 900, 10]) pace.add(seconds);
  assert.equal(pace.seconds, 10);
  assert.equal(progress(12, 60, pace.seconds), "12 of 60, about 8 minutes at your pace");
  assert.equal(progress(60, 60, 10), "60 of 60");
  assert.deepEqual([duration(1), duration(44), duration(5400), duration(9000)], ["5 seconds", "45 seconds", "1.5 hours", "2.5 hours"]);
});

test("acts that wait for another judge become the present one's, or lines of a file with their judge", () => {
  const storage = new Storage(), act = (key, number, value) => ({ key, number, kind: "label", value, query_id: "q", product_id: "p", fingerprint: "f" });
  const before = new Outbox(storage, "shop", "old"), elsewhere = new Outbox(storage, "barn", "old"), now = new Outbox(storage, "shop", "new");
  before.add(act("b2", 8, "Exact"));
  before.add(act("a1", 7, "Irrelevant"));
  elsewhere.add(act("c3", 1, "Exact"));
  now.add(act("d4", now.nextNumber(), "Exact"));
  storage.setItem('sqid act ["shop","old"] e5', "{");
  const found = strays(storage, "shop", "new");
  assert.deepEqual(found.map(({ judge, act: { key } }) => [judge, key]), [["old", "a1"], ["old", "b2"]]);
  const [first] = lines(found, "2026-01-02T03:04:05.000Z").split("\n").map((line) => line && JSON.parse(line));
  assert.deepEqual(first, { record: "act", ...act("a1", 7, "Irrelevant"), judge: "old", time: "2026-01-02T03:04:05.000Z" });
  adopt(storage, found, now);
  assert.deepEqual(now.waiting().map(({ key, number }) => [key, number]), [["d4", 1], ["a1", 2], ["b2", 3]]);
  assert.deepEqual([strays(storage, "shop", "new"), before.waiting(), elsewhere.waiting().length], [[], [], 1]);
  assert.deepEqual(strays(null, "shop", "new"), []);
});
