// Where one is in a set of queries, the way to the next and the last one, and those around. Runs again at every rerun.
import { button, element, write } from "../browser/elements.js";
import { kept } from "../browser/kept.js";
import { hearSteps, step } from "../browser/steps.js";

// More ids than any bundle's annotators go through.
const MOST = 10_000;

export default function (component) {
  const walk = kept(component, ".walk", newWalk);
  if (!walk) return;
  walk.tell = component.setTriggerValue;
  walk.keep = component.setStateValue;
  walk.steps ??= component.data.heard;
  hearSteps(walk);
  draw(walk, component.data);
  remember(walk, component.data);
}

function newWalk(root) {
  const walk = { root, back: stepper("‹ Previous", "Key K"), on: stepper("Next ›", "Key J") };
  walk.where = element("p", "where");
  walk.where.setAttribute("role", "status");
  walk.place = element("b", "place");
  walk.name = element("span", "name");
  walk.name.dir = "auto";
  walk.done = element("span", "done");
  walk.where.append(walk.place, walk.name, walk.done);
  walk.strip = element("ol", "strip");
  walk.strip.setAttribute("aria-label", "Queries around this one");
  walk.back.addEventListener("click", () => step(walk, -1));
  walk.on.addEventListener("click", () => step(walk, 1));
  walk.strip.addEventListener("click", ({ target }) => {
    const chip = target.closest("button");
    if (chip) walk.tell("picked", chip.dataset.query);
  });
  const bar = element("div", "bar");
  bar.append(walk.back, walk.where, walk.on);
  root.append(bar, walk.strip);
  return walk;
}

function stepper(text, hint) {
  const node = button("step", text);
  node.title = hint;
  node.setAttribute("aria-keyshortcuts", hint.slice(-1));
  return node;
}

function draw(walk, data) {
  const inside = data.place >= 0;
  write(walk.place, inside ? `${said(data.place + 1)} of ${said(data.count)}` : `Not among these ${said(data.count)}`);
  write(walk.name, data.name ? ` · ${data.name}` : "");
  write(walk.done, data.near.length ? ` · ${said(data.done)} seen` : "");
  // Pressed at the end they do nothing; one that is pressed often keeps the keyboard's focus.
  walk.back.setAttribute("aria-disabled", String(inside ? data.place === 0 : data.count === 0));
  walk.on.setAttribute("aria-disabled", String(inside ? data.place === data.count - 1 : data.count === 0));
  walk.strip.hidden = !data.near.length;
  walk.strip.replaceChildren(...data.near.map((query) => chip(query, data.shown)));
  const shown = walk.strip.querySelector("[aria-current='true']");
  if (shown) walk.strip.scrollLeft = shown.parentElement.offsetLeft - (walk.strip.clientWidth - shown.offsetWidth) / 2;
}

function chip({ id, text, place, seen }, shown) {
  const item = element("li");
  const press = button("chip");
  press.dataset.query = id;
  press.title = text;
  press.setAttribute("aria-current", String(id === shown));
  const name = element("span", "text", text);
  name.dir = "auto";
  press.append(element("span", "number", said(place + 1)), name);
  if (seen && id !== shown) {
    const tick = element("span", "tick", "✓");
    tick.setAttribute("role", "img");
    tick.setAttribute("aria-label", "seen");
    press.append(tick);
  }
  item.append(press);
  return item;
}

function said(number) {
  return number.toLocaleString("en-US");
}

// What was seen outlives a reload of the page: the browser keeps it, a list a bundle, and tells it to a new visit once.
function remember(walk, data) {
  if (!data.bundle) return;
  const name = `sqid seen ${data.bundle}`;
  try {
    const stored = JSON.parse(window.localStorage.getItem(name) ?? "[]");
    if (!walk.told && stored.length) walk.keep("seen", stored);
    walk.told = true;
    if (data.shown && !stored.includes(data.shown)) {
      window.localStorage.setItem(name, JSON.stringify([...stored, data.shown].slice(-MOST)));
    }
  } catch {
    // A browser that stores nothing forgets what was seen.
  }
}
