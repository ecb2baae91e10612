// What opens over the pair: a note, the tags, the keys. Escape closes it and gives the keyboard back.
import { button, element } from "../../parts/browser/elements.js";
import { labelKeys } from "./keys.js";

const LONGEST_NOTE = 10_000;

export function newPanel(closed) {
  const panel = { root: element("div", "panel"), kind: "" };
  panel.root.hidden = true;
  panel.root.setAttribute("role", "group");
  panel.close = () => {
    panel.root.hidden = true;
    panel.kind = "";
    panel.root.replaceChildren();
    closed();
  };
  panel.root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      panel.close();
    }
  });
  return panel;
}

function open(panel, kind, title, ...nodes) {
  panel.kind = kind;
  panel.root.setAttribute("aria-label", title);
  const shut = button("shut", "Close");
  shut.addEventListener("click", panel.close);
  const head = element("div", "head");
  head.append(element("h3", "", title), shut);
  panel.root.replaceChildren(head, ...nodes);
  panel.root.hidden = false;
}

// save: called with the text.
export function openNote(panel, text, save) {
  const box = element("textarea", "note");
  box.value = text;
  box.maxLength = LONGEST_NOTE;
  box.rows = 4;
  box.dir = "auto";
  box.setAttribute("aria-label", "Note on this pair");
  const done = () => {
    if (box.value !== text) save(box.value);
    panel.close();
  };
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      done();
    }
  });
  const keep = button("save", "Save");
  keep.addEventListener("click", done);
  const foot = element("div", "foot");
  foot.append(keep, element("span", "hint", "Enter saves, Shift Enter begins a line, Escape leaves all as it was."));
  open(panel, "note", "Note on this pair", box, foot);
  box.focus();
}

// chosen: which tags the pair has. toggle: called with one.
export function openTags(panel, tags, chosen, toggle) {
  const list = element("div", "tags");
  const nodes = tags.map((tag, place) => {
    const node = button("tag");
    if (place < 9) node.append(element("kbd", "", String(place + 1)));
    const name = element("span", "name", tag);
    name.dir = "auto";
    node.append(name);
    node.setAttribute("aria-pressed", String(chosen.has(tag)));
    node.addEventListener("click", () => {
      toggle(tag);
      node.setAttribute("aria-pressed", String(node.getAttribute("aria-pressed") !== "true"));
    });
    return node;
  });
  list.append(...nodes);
  if (!tags.length) list.append(element("p", "hint", "This book has no tags."));
  list.addEventListener("keydown", (event) => {
    const node = /^[1-9]$/.test(event.key) ? nodes[Number(event.key) - 1] : null;
    const leaves = event.key.toLowerCase() === "t";
    if (!node && !leaves) return;
    event.preventDefault();
    event.stopPropagation();
    if (leaves) panel.close();
    else node.click();
  });
  open(panel, "tag", "What is wrong here?", list, element("p", "hint", "1 to 9 choose, T or Escape closes."));
  (nodes[0] ?? panel.root.querySelector(".shut")).focus();
}

export function openHelp(panel, scale) {
  const keys = labelKeys(scale.letters);
  const lines = [
    ...scale.names.map((name, place) => [keys[place].toUpperCase(), name]).filter(([key]) => key),
    ["U", "unrateable: nobody could say"],
    ["L", "judge later: comes again at the end"],
    ["N", "a note on this pair"],
    ["T", "tags: what is wrong here"],
    ["Z", "takes the last act back"],
    ["J  K", "one on, one back"],
    ["D", "the product’s description"],
    ["?", "this list"],
  ];
  const list = element("dl", "keys");
  for (const [key, says] of lines) {
    const name = element("dt");
    name.append(element("kbd", "", key));
    list.append(name, element("dd", "", says));
  }
  open(panel, "help", "Keys", list);
  panel.root.querySelector(".shut").focus();
}
