// Measures by hand; tests/app/parts/test_board_rank.py holds them to the core.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CATALOGUE, KNOWN, SLATE, besideSlider, dcg, measure, ndcg, placeValue } from "../../sqid_ui/parts/board/measures.js";

const close = (found, wanted) => assert.ok(Math.abs(found - wanted) < 1e-12, `${found} is not ${wanted}`);
// Labels 0, 1, 2 with gains 1, .1, 0; the first two count as relevant.
const JUDGING = { gains: [1, 0.1, 0], relevant: [true, true, false], judged: [1, 1, 0.1, 0], complete: true };
const best = 1 + 1 / Math.log2(3) + 0.1 / 2;

test("DCG discounts by the logarithm of the rank, from two on", () => {
  close(dcg([3, 2, 1]), 3 + 2 / Math.log2(3) + 1 / 2);
  close(dcg([3, 2, 1], 2), 3 + 2 / Math.log2(3));
  assert.equal(dcg([]), 0);
});

test("NDCG is 1 for the ideal order, and undefined without a gain", () => {
  assert.equal(ndcg([1, 1, 0.1, 0], JUDGING.judged), 1);
  close(ndcg([0, 1, 1, 0.1], JUDGING.judged), (1 / Math.log2(3) + 1 / 2 + 0.1 / Math.log2(5)) / best);
  assert.ok(Number.isNaN(ndcg([0, 0], [0, 0])));
});

test("a slate is measured by its table", () => {
  const found = measure(Int32Array.of(2, 0, 1, 3), [0, 1, 0, 2], JUDGING, 100);
  assert.deepEqual(Object.keys(found), [...SLATE.map(({ key }) => key), "mix"]);
  close(found.ndcg, (1 + 1 / Math.log2(3) + 0.1 / 2) / best);
  assert.equal(found.precision, 0.3);
  assert.deepEqual(found.mix, [2, 1, 1, 0]);
});

test("NDCG@10 sees no rank beyond the tenth", () => {
  const labels = [...new Array(10).fill(2), 0];
  const judging = { ...JUDGING, judged: [1, ...new Array(10).fill(0)] };
  const found = measure(Int32Array.from(labels.keys()), labels, judging, 100);
  assert.equal(found.ndcgCut, 0);
  close(found.ndcg, 1 / Math.log2(12));
});

test("a catalogue is measured between the worst and the best that the unjudged can be", () => {
  const judging = { ...JUDGING, complete: false };
  // The last position is beyond the first three.
  const found = measure(Int32Array.of(0, 1, 2, 3), [0, -1, 1, 0], judging, 3);
  assert.deepEqual(Object.keys(found), [...CATALOGUE.map(({ key }) => key), "mix"]);
  close(found.readings[0], (1 + 0.1 / 2) / best);
  close(found.readings[1], (1 + 1 / Math.log2(3) + 0.1 / 2) / dcg([1, 1, 1]));
  close(found.judgedShare, 2 / 3);
  assert.deepEqual(found.mix, [1, 1, 0, 1]);
});

test("a catalogue whose labels are all known has an NDCG of its first products", () => {
  const judging = { ...JUDGING, complete: false, known: true, judged: [1, 1, 1] };
  const found = measure(Int32Array.of(0, 1, 2, 3), [0, 2, 1, 0], judging, 3);
  assert.deepEqual(Object.keys(found), [...KNOWN.map(({ key }) => key), "mix"]);
  close(found.ndcgShown, (1 + 0.1 / 2) / dcg([1, 1, 1]));
});

test("beside the slider stands what is defined, and how far to trust it", () => {
  const labels = [0, -1, 1, 0];
  const beside = (judging, own = labels) => besideSlider(measure(Int32Array.of(0, 1, 2, 3), own, judging, 3), judging, 3);
  assert.equal(beside(JUDGING, [0, 0, 1, 2]), " · NDCG 1.0000");
  assert.equal(beside({ ...JUDGING, complete: false, known: true, judged: [1, 1, 1] }, [0, 2, 1, 0]), " · NDCG@3 0.4927");
  assert.equal(beside({ ...JUDGING, complete: false }), " · NDCG@3 judged 0.9299 · 67% judged");
  assert.equal(beside({ ...JUDGING, judged: [0], complete: false }, [2, -1, -1, -1]), " · 33% judged");
  assert.equal(besideSlider(null, null, 3), "");
});

test("where no judged product has a gain nothing is 0 or 1", () => {
  const found = measure(Int32Array.of(0, 1), [2, -1], { ...JUDGING, judged: [0], complete: false }, 3);
  assert.deepEqual([...found.readings, found.condensed], [NaN, NaN, NaN]);
});

test("the condensed list is the ranking without its unjudged products, however far down they are", () => {
  const judging = { ...JUDGING, complete: false };
  const found = measure(Int32Array.of(1, 3, 0, 2), [0, -1, 1, -1], judging, 2);
  close(found.condensed, dcg([judging.gains[0], judging.gains[1]], 2) / dcg(judging.judged, 2));
});

test("fewer products than are counted are held to as good an ideal", () => {
  const found = measure(Int32Array.of(0), [0], { ...JUDGING, complete: false }, 3);
  close(found.readings[0], 1 / best);
});

test("what is undefined is a dash, and a list's head has one measure", () => {
  const none = { ...JUDGING, judged: [0], complete: false };
  const nothing = measure(Int32Array.of(), [], none, 3);
  const said = CATALOGUE.map(({ key, says }) => says(nothing[key]));
  assert.deepEqual(said, ["– / –", "–", "–", "0.00 + 1.00", "0.00"]);
  for (const table of [SLATE, CATALOGUE]) assert.equal(table.filter(({ head }) => head).length, 1);
  assert.equal(SLATE[0].head(0.5), "NDCG 0.5000");
  assert.equal(CATALOGUE[2].head(0.666), "67% judged");
});

test("a measure is an entry in a table", () => {
  SLATE.push({ key: "first", name: () => "First", of: ({ labels }) => labels[0], says: String });
  try {
    assert.equal(measure(Int32Array.of(1, 0), [0, 2], JUDGING, 100).first, 2);
  } finally {
    SLATE.pop();
  }
});

test("a place is worth what moving the product would bring", () => {
  const labels = [2, 0, 1];
  const judging = { ...JUDGING, judged: [1, 0.1, 0] };
  const positions = Int32Array.of(0, 1, 2);
  const gains = [0, 1, 0.1];
  const moved = (from, to) => {
    const rest = gains.filter((_, i) => i !== from);
    return ndcg([...rest.slice(0, to), gains[from], ...rest.slice(to)], judging.judged);
  };
  for (const place of [0, 1, 2]) {
    const found = placeValue(positions, labels, judging, place);
    const values = gains.map((_, to) => moved(place, to));
    close(found.better, Math.max(...values) - values[place]);
    close(values[found.at], Math.max(...values));
    close(found.adds, gains[place] / Math.log2(place + 2) / dcg(judging.judged));
  }
  assert.equal(placeValue(positions, labels, { ...judging, judged: [0] }, 0), null);
});
