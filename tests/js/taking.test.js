// The picture of a curve, and the words around it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { curvePicture } from "../../sqid_ui/parts/taking/curve_picture.js";
import { wrapped } from "../../sqid_ui/parts/taking/small_print.js";

const CURVE = { starts: [0, 0.25, 0.5], values: [0.5, 1, 0.75], low: 0.5, high: 1, ticks: [0.6, 0.8], best: [0.25, 0.5], everyone: null };

test("a curve is drawn step by step, from side to side and from top to bottom", () => {
  const { svg, width, height } = curvePicture({ curve: CURVE, weight: 0.5, title: "A title", lines: ["note: a"] });
  const path = svg.match(/<path d="(M64 [^"]*)" fill="none" stroke="#4f46e5"/)[1];
  assert.equal(path, "M64 298H242V38H420V168H776");
  assert.match(svg, new RegExp(`width="${width}" height="${height}"`));
  assert.match(svg, /<path d="M420 38V298" stroke="#4f46e5" stroke-dasharray/);
});

test("words of strangers stay words, and every line is there", () => {
  const title = `<script>alert("x") & more`;
  const { svg } = curvePicture({ curve: CURVE, weight: null, title, lines: ["bundle: <b>", "w ".repeat(200)] });
  assert.ok(!svg.includes("<script") && !svg.includes("<b>"));
  assert.ok(svg.includes("&lt;script&gt;") && svg.includes("bundle: &lt;b&gt;"));
  assert.ok(!svg.includes("stroke-dasharray"));
  assert.equal(svg.match(/\bw\b/g).length, 200);
});

test("long words are broken, short ones are not", () => {
  assert.deepEqual(wrapped("one two three", 8), ["one two", "three"]);
  assert.deepEqual(wrapped("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
});
