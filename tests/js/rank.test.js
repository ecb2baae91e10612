// Ranking by hand; tests/app/parts/test_board_rank.py holds the same functions to the core on a thousand random slates.
import assert from "node:assert/strict";
import { test } from "node:test";

import { COMBINERS, crossing, fuse, order, orderOfRanks, ranksOf } from "../../sqid_ui/parts/board/rank.js";

test("the combiners by hand", () => {
  assert.equal(COMBINERS.sum(0.2, 0.6, 0, 0.25), 0.75 * 0.2 + 0.25 * 0.6);
  assert.equal(COMBINERS.max(0.2, 0.6, 0, 0.1), 0.9 * 0.2);
  assert.equal(COMBINERS.max(0.2, 0.6, 0, 0.75), 0.75 * 0.6);
  // Half of two vectors at a right angle is as long as √½.
  assert.equal(COMBINERS.average(1, 0, 0, 0.5), 0.5 / Math.sqrt(0.5));
  assert.equal(COMBINERS.average(0.3, 0.3, 1, 0.7).toFixed(12), "0.300000000000");
  // Opposite vectors cancel out: a length that is nearly none is not divided by.
  assert.equal(COMBINERS.average(1, 0, -1, 0.5), 0.5 / 1e-6);
});

test("scores are fused candidate by candidate, with or without a third column", () => {
  assert.deepEqual([...fuse({ combiner: "sum", a: [1, 0], b: [0, 1], c: null }, 0.25)], [0.75, 0.25]);
  const [first, second] = fuse({ combiner: "average", a: [1, 1], b: [1, 1], c: [1, 0] }, 0.5);
  assert.equal(first, 1);
  assert.equal(second, 1 / Math.sqrt(0.5));
});

test("equal scores keep the order of their positions", () => {
  assert.deepEqual([...order([0.5, 0.9, 0.5, 0.9, 0.5])], [1, 3, 0, 2, 4]);
  assert.deepEqual([...order(new Array(50).fill(0))], [...new Array(50).keys()]);
  assert.deepEqual([...order([])], []);
});

test("ranks and positions are each other's inverse", () => {
  const ranks = [3, 1, 4, 2];
  assert.deepEqual([...orderOfRanks(ranks)], [1, 3, 0, 2]);
  assert.deepEqual([...ranksOf(orderOfRanks(ranks))], ranks);
});

test("two products pass each other where their scores are equal, or never", () => {
  const sum = { combiner: "sum", a: [0.8, 0.2, 0.9], b: [0.1, 0.9, 0.2], c: null };
  const at = crossing(sum, 0, 1, 0.5);
  const [one, other] = fuse(sum, at);
  assert.ok(Math.abs(one - other) < 1e-12);
  assert.equal(crossing(sum, 1, 0, 0.5), at);
  assert.equal(crossing(sum, 0, 2, 0.5), null);
});

test("of equals under a maximum those that a run does not rank come last", () => {
  const max = { combiner: "max", a: [0, 0, 0], b: [-1, -2, -3], c: [0, 2 ** -40, 0] };
  for (const w of [0, 0.5, 1]) assert.deepEqual([...order(fuse(max, w))], [0, 2, 1]);
});

test("of several crossings the nearest counts", () => {
  // The parts that are larger are equal at 0.7 / 1.5.
  const max = { combiner: "max", a: [0.7, 0.6], b: [0.6, 0.8], c: null };
  assert.ok(Math.abs(crossing(max, 0, 1, 0.5) - 0.7 / 1.5) < 0.01);
  // The first leads at both ends; in between the second's parts add up to a shorter vector.
  const twice = { combiner: "average", a: [0.5, 0.45], b: [0.5, 0.45], c: [1, -0.2] };
  const [low, high] = [crossing(twice, 0, 1, 0), crossing(twice, 0, 1, 1)];
  assert.ok(low < 0.5 && high > 0.5);
  assert.equal(crossing(twice, 0, 1, 0.3), low);
  assert.equal(crossing(twice, 0, 1, 0.7), high);
});
