// What all components share, without a browser: the nodes here are plain objects that count what is done to them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { write } from "../../sqid_ui/parts/browser/elements.js";
import { fixed, percent, signed } from "../../sqid_ui/parts/browser/format.js";
import { kept } from "../../sqid_ui/parts/browser/kept.js";
import { safeAddress } from "../../sqid_ui/parts/browser/safe_address.js";

const BASE = "https://shop.example/search/";

test("only the web and this app's own pictures are addresses", () => {
  assert.equal(safeAddress("https://m.media-amazon.com/a.jpg", BASE), "https://m.media-amazon.com/a.jpg");
  assert.equal(safeAddress("http://a.example/b.png", BASE), "http://a.example/b.png");
  assert.equal(safeAddress("/pictures/f00/1.jpg", BASE), "https://shop.example/pictures/f00/1.jpg");
  assert.equal(safeAddress("//cdn.example/1.jpg", BASE), "https://cdn.example/1.jpg");
});

for (const address of ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:image/svg+xml,<svg/>",
  "file:///etc/passwd", "blob:https://shop.example/1", "ftp://a.example/1.jpg", "https://", "http://[", "", null, undefined])
  test(`${JSON.stringify(address)} is no picture`, () => assert.equal(safeAddress(address, BASE), null));

test("numbers have a minus as wide as a plus, and a dash where there is none", () => {
  assert.equal(fixed(0.12345, 3), "0.123");
  assert.equal(fixed(-0.5, 2), "−0.50");
  assert.equal(fixed(NaN, 2), "–");
  assert.equal(percent(0.25), "25%");
});

test("a change has a sign unless there is none, and never vanishes", () => {
  assert.equal(signed(0.12345), "+0.1235");
  assert.equal(signed(-0.12345), "−0.1235");
  assert.equal(signed(0.00003), "+0.00003");
  assert.equal(signed(-0.00003), "−0.00003");
  assert.equal(signed(0), "0.0000");
  assert.equal(signed(1e-12), "0.0000");
});

test("a text is written once", () => {
  let written = 0;
  const node = { text: "", get textContent() { return this.text; }, set textContent(text) { written += 1; this.text = text; } };
  for (const text of ["a", "a", null, undefined, "", 5, "5"]) write(node, text);
  assert.equal(written, 3);
  assert.equal(node.text, "5");
});

test("a root keeps its state from run to run; another has its own", () => {
  const run = (root, data = {}) => kept({ data, parentElement: { querySelector: () => root } }, ".board", (own) => ({ own }));
  const [one, other] = [{}, {}];
  assert.equal(run(one).own, one);
  assert.equal(run(one), run(one));
  assert.notEqual(run(one), run(other));
  assert.equal(run(null), null);
  assert.equal(run({}, null), null);
});
