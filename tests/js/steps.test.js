// Steps through a set of queries, without a browser: keys come from a document of three lines.
import assert from "node:assert/strict";
import { test } from "node:test";

import { hearSteps } from "../../sqid_ui/parts/browser/steps.js";

function heard() {
  const listeners = new Set(), told = [];
  globalThis.document = {
    addEventListener: (_, listener) => listeners.add(listener),
    removeEventListener: (_, listener) => listeners.delete(listener),
  };
  const part = { root: { isConnected: true }, steps: 0, keep: (name, count) => told.push([name, count]) };
  hearSteps(part);
  const press = (key, target = {}, more = {}) => {
    for (const listener of [...listeners]) listener({ key, composedPath: () => [target], ...more });
  };
  return { part, told, press, listeners };
}

const typed = { matches: (selector) => selector.includes("input"), type: "text" };
const slider = { ...typed, type: "range" };

test("every press is told as the sum of all", () => {
  const { told, press } = heard();
  for (const key of ["j", "J", "k", "j", "x"]) press(key);
  assert.deepEqual(told.map(([, count]) => count), [1, 2, 1, 2]);
});

test("what somebody types is no step, a slider's key is, and a shortcut is not", () => {
  const { told, press } = heard();
  press("j", typed);
  press("j", { isContentEditable: true });
  press("j", {}, { ctrlKey: true });
  press("k", {}, { metaKey: true });
  assert.deepEqual(told, []);
  press("j", slider);
  assert.deepEqual(told, [["steps", 1]]);
});

test("a part that was taken out for a moment hears again from its next run on", () => {
  const { part, told, press, listeners } = heard();
  part.root.isConnected = false;
  press("j");
  part.root.isConnected = true;
  hearSteps(part);
  hearSteps(part);
  press("j");
  assert.deepEqual([told, listeners.size], [[["steps", 1]], 1]);
});

test("a part that has gone hears nothing more", () => {
  const { part, told, press, listeners } = heard();
  part.root.isConnected = false;
  press("j");
  assert.deepEqual([told, listeners.size], [[], 0]);
});
