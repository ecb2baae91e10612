// The buttons of a pair: its labels, and what else can be done. Keys do the same.
import { button, element, write } from "../../parts/browser/elements.js";
import { labelKeys } from "./keys.js";

const TOOLS = [
  ["unrateable", "U", "Unrateable"],
  ["later", "L", "Judge later"],
  ["note", "N", "Note"],
  ["tag", "T", "Tag"],
  ["undo", "Z", "Undo"],
  ["back", "K", "Back"],
  ["next", "J", "Next"],
  ["help", "?", "Keys"],
];

// act: called with {label: place} or {command: name}.
export function newChoices(act) {
  const choices = { labels: element("div", "labels"), tools: element("div", "tools"), buttons: [], tool: {} };
  choices.labels.setAttribute("role", "group");
  choices.labels.setAttribute("aria-label", "How well the product fits the query");
  choices.tools.setAttribute("role", "group");
  choices.tools.setAttribute("aria-label", "What else can be done");
  for (const [name, key, title] of TOOLS) {
    const node = keyed(button(`tool ${name}`), key, title);
    node.addEventListener("click", () => act({ command: name }));
    choices.tool[name] = node;
    choices.tools.append(node);
  }
  choices.act = act;
  return choices;
}

export function drawLabels(choices, scale) {
  const name = scale.names.join("\n");
  if (choices.name === name) return;
  choices.name = name;
  const keys = labelKeys(scale.letters);
  choices.buttons = scale.names.map((title, place) => {
    const node = keyed(button("label"), keys[place].toUpperCase(), title);
    node.style.setProperty("--label", scale.colors[place]);
    node.addEventListener("click", () => choices.act({ label: place }));
    return node;
  });
  choices.labels.replaceChildren(...choices.buttons);
}

function keyed(node, key, title) {
  if (key) {
    const cap = element("kbd", "", key);
    cap.setAttribute("aria-hidden", "true");
    node.append(cap);
    node.setAttribute("aria-keyshortcuts", key);
  }
  node.append(element("span", "name", title));
  return node;
}

// word: what the judge said last of the pair, if anything. can: which commands do something now.
export function markChoices(choices, word, scale, can) {
  choices.buttons.forEach((node, place) => {
    node.setAttribute("aria-pressed", String(word?.kind === "label" && word.value === scale.names[place]));
    node.disabled = !can.judge;
  });
  choices.tool.unrateable.setAttribute("aria-pressed", String(word?.kind === "unrateable"));
  choices.tool.later.setAttribute("aria-pressed", String(word?.kind === "later"));
  for (const [name, node] of Object.entries(choices.tool)) node.setAttribute("aria-disabled", String(can[name] === false));
  write(choices.tool.tag.querySelector(".name"), can.tags ? `Tag · ${can.tags}` : "Tag");
  choices.tool.note.classList.toggle("has", Boolean(can.hasNote));
}
