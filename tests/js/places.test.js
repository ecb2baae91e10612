// The points of a map: unpacked as the server packs them, and a colour for each.
import assert from "node:assert/strict";
import test from "node:test";
import { GRID, GROUPS, NONE, RAMP, codesOf, corners, onGrid, onScreen, palette, placesByRow, unpack } from "../../sqid_ui/parts/atlas/places.js";

// Three products in the rows 0, 4 and 5, two queries.
function packed() {
  const parts = [
    new Uint32Array([3, 2]),
    new Uint32Array([0, 4, 5]),
    new Uint16Array([0, GRID, 10, 20, 30]),
    new Uint16Array([5, 6, 7, GRID, 0]),
    new Uint8Array([0, NONE, 23]),
    new Uint8Array([2, 0, 1]),
    new Uint8Array([1, 0, 1]),
  ];
  return new Blob(parts).arrayBuffer();
}

test("what the server packs is unpacked", async () => {
  const points = unpack(await packed());
  assert.deepEqual([points.products, points.queries], [3, 2]);
  assert.deepEqual([...points.rows], [0, 4, 5]);
  assert.deepEqual([points.x[0], points.x[1], points.y[3], points.y[4]], [-1, 1, 1, -1]);
  assert.deepEqual([...points.codes.picture], [1, 0, 1]);
  const placeOf = placesByRow(points);
  assert.deepEqual([0, 1, 4, 5, 6, 1000].map(placeOf), [0, -1, 1, 2, -1, -1]);
});

test("every code has a colour", async () => {
  const points = unpack(await packed());
  for (const mode of ["category", "cluster", "picture", "ndcg", "none"]) {
    const colours = palette(mode, "#eee", "#111");
    for (const code of codesOf(points, mode, [100, null])) assert.ok(colours[code], `${mode} ${code}`);
  }
  assert.deepEqual([...codesOf(points, "category")], [2, 0, 25, 1, 1]);
  assert.deepEqual([...codesOf(points, "picture")], [0, 2, 0, 1, 1]);
  assert.deepEqual([...codesOf(points, "ndcg", [100, null])], [0, 0, 0, 1 + RAMP.length, 0]);
  assert.equal(new Set(GROUPS).size, 24);
});

test("an area has at most so many corners, on the grid", () => {
  const line = Array.from({ length: 1000 }, (_, i) => [Math.cos(i / 100), 2 * Math.sin(i / 100)]);
  const found = corners(line, 64);
  assert.equal(found.length, 64);
  assert.ok(found.flat().every((place) => Number.isInteger(place) && place >= 0 && place <= GRID));
  assert.deepEqual(corners([[0, 0]], 64), [[onGrid(0), onGrid(0)]]);
  assert.ok(Math.abs(onScreen(onGrid(0.3)) - 0.3) < 1 / GRID);
});
