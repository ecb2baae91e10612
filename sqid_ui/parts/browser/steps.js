// J and K, but for a letter that somebody types; a slider has no use for letters. Presses come quicker than runs, and
// Streamlit joins those that wait: so the page is told how many steps there were in all, not that there was one.
import { listen } from "./listening.js";

// part: has root, and keep, which tells the page; steps: how many there were. One part of a page hears.
// To be called in each run.
export function hearSteps(part) {
  listen(part, (event) => {
    const by = { j: 1, k: -1 }[event.key.toLowerCase()];
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (by && plain && !isTypedInto(event.composedPath()[0])) step(part, by);
  });
}

export function step(part, by) {
  part.keep("steps", (part.steps += by));
}

function isTypedInto(node) {
  return node.isContentEditable || (node.matches?.("input, textarea, select") && node.type !== "range");
}
