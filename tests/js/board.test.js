// What the board's parts work out, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";

import { steps, valueAt } from "../../sqid_ui/parts/board/curve.js";
import { noteOf } from "../../sqid_ui/parts/board/lists.js";
import { placeAt } from "../../sqid_ui/parts/board/pull.js";
import { jump, takeWeight } from "../../sqid_ui/parts/board/steer.js";
import { reasons } from "../../sqid_ui/parts/board/why.js";

const CURVE = { starts: [0, 0.25, 0.5], values: [0.6, 0.9, 0.7], low: 0.5, high: 1 };

test("the curve is flat between its steps", () => {
  assert.deepEqual([0, 0.2499, 0.25, 0.4, 0.5, 1].map((w) => valueAt(CURVE, w)), [0.6, 0.6, 0.9, 0.9, 0.7, 0.7]);
  assert.equal(valueAt({ starts: [0], values: [0.3] }, 0.8), 0.3);
});

test("the curve's path steps down the unit square, the best at its top", () => {
  const numbers = steps(CURVE).match(/[\d.]+/g).map(Number);
  const wanted = [0, 0.8, 0.25, 0.2, 0.5, 0.6, 1];
  assert.match(steps(CURVE), /^M0 [\d.]+H[\d.]+V[\d.]+H[\d.]+V[\d.]+H1$/);
  numbers.forEach((number, i) => assert.ok(Math.abs(number - wanted[i]) < 1e-12));
});

function board() {
  const told = [];
  const component = { setStateValue: (_, value) => told.push(value) };
  return { told: 0, slider: {}, component, schedule() {}, rest() {}, sent: told };
}

test("an answer to an older weight comes too late", () => {
  const own = board();
  takeWeight(own, { weight: 0.5, heard: 0 });
  jump(own, 1);
  jump(own, 0);
  assert.deepEqual(own.sent, [{ number: 1, weight: 1 }, { number: 2, weight: 0 }]);
  takeWeight(own, { weight: 0.5, heard: 0 });
  assert.equal(own.slider.value, 0);
  takeWeight(own, { weight: 1, heard: 1 });
  assert.equal(own.slider.value, 0);
  takeWeight(own, { weight: 0, heard: 2 });
  assert.equal(own.slider.value, 0);
  takeWeight(own, { weight: 0.3, heard: 2 });
  assert.equal(own.slider.value, 0.3);
});

test("a weight that is held, or followed by a key, is not the page's to set", () => {
  const own = board();
  takeWeight(own, { weight: 0.5, heard: 0 });
  own.held = true;
  takeWeight(own, { weight: 0.9, heard: 0 });
  assert.equal(own.weight, 0.5);
  Object.assign(own, { held: false, keyTimer: 7 });
  takeWeight(own, { weight: 0.9, heard: 0 });
  assert.equal(own.weight, 0.5);
});

test("a weight told already is not told again", () => {
  const own = board();
  takeWeight(own, { weight: 0.5, heard: 0 });
  jump(own, 0.5);
  jump(own, 0.7);
  jump(own, 0.7);
  assert.deepEqual(own.sent, [{ number: 1, weight: 0.7 }]);
});

test("the fused list says its mix, and how far down it is certain", () => {
  const data = { certified: [3, 12, 100], shown: 50, total: 1000 };
  const list = { note: "by cosine" };
  assert.equal(noteOf({ data, weight: 0.5 }, list), "0.50 text + 0.50 image · certain to rank 12 only · by cosine");
  assert.equal(noteOf({ data, weight: 1 }, list), "0.00 text + 1.00 image · certain to rank 50 · by cosine");
  assert.equal(noteOf({ data: { shown: 50, total: 9 }, weight: 0 }, { note: "" }), "1.00 text + 0.00 image");
});

const STATE = {
  data: {
    products: { title: ["Red mug", "B".repeat(60), "Tea"], text: [0.8, 0.2, 0.1], image: [0.1, null, 0], label: [1, 0, 2] },
    lists: [{ key: "text", name: "Text" }, { key: "fused", name: "Fused" }, { key: "image", name: "Image" }],
    columns: { combiner: "sum", a: [0.8, 0.2, 0.1], b: [0.1, 0.9, 0], c: null },
    judging: { gains: [1, 0.1, 0], relevant: [true, false, false], judged: [1, 0.1, 0], complete: true },
  },
  weight: 0.2,
  scores: [0.66, 0.34, 0.08],
  positions: { fused: [0, 1, 2] },
  ranks: { text: [1, 2, 3], fused: [1, 2, 3], image: [2, 1, 3] },
};

test("why a product stands where it stands", () => {
  assert.deepEqual(reasons(STATE, 0), [
    "Text #1 (0.800) · Fused #1 (0.660) · Image #2 (0.100)",
    `Falls behind “${"B".repeat(47)}…” at weight 0.43`,
    "At 1 in Fused it adds 0.0941 to NDCG; its place costs 0.3124: best for it is rank 2.",
  ]);
  const [standing, neighbours, worth] = reasons(STATE, 1);
  assert.equal(standing, "Text #2 (0.200) · Fused #2 (0.340) · Image #1 (none)");
  assert.equal(neighbours, "Passes “Red mug” at weight 0.43");
  assert.equal(worth, "At 2 in Fused it adds 0.5935 to NDCG; its place costs 0.3124: best for it is rank 1.");
  assert.deepEqual(reasons(STATE, 2).slice(1), [
    "No weight changes its place with the products next to it.",
    "At 3 in Fused it adds 0.0000 to NDCG; no other place would be better.",
  ]);
});

test("without a weight or judgements there is less to say", () => {
  const state = { ...STATE, data: { ...STATE.data, columns: null, judging: null } };
  assert.equal(reasons(state, 0).length, 1);
});

for (const script of ["parts/board/board", "parts/strip/strip", "compare/lists/queue", "compare/lists/swaps"])
  test(`${script} and all that it imports are modules, and it gives Streamlit a function`, async () => {
    const module = await import(`../../sqid_ui/${script}.js`);
    assert.equal(typeof module.default, "function");
  });

test("a dragged card is dropped at a place of the list", () => {
  const box = { top: 100, height: 400 };
  assert.deepEqual([90, 100, 199, 200, 499, 900].map((y) => placeAt(box, 4, y)), [0, 0, 0, 1, 3, 3]);
});
