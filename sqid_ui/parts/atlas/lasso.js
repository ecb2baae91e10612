// An area drawn by the pointer, a mouse or a finger: while it is on, the map itself holds still.
import { button } from "../browser/elements.js";
import { projection } from "./camera.js";
import { corners } from "./places.js";

const MOST_CORNERS = 64;
// Pixels between two points of the line.
const APART = 4;

export function addLasso(atlas) {
  atlas.lasso = { on: false, line: null };
  const toggle = button("tool lasso", "Draw an area");
  toggle.setAttribute("aria-pressed", "false");
  atlas.lasso.toggle = toggle;
  toggle.addEventListener("click", () => turn(atlas, !atlas.lasso.on));
  atlas.tools.append(toggle);
  let projected = null;
  let last = null;
  const here = (event) => {
    const box = atlas.over.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  atlas.over.addEventListener("pointerdown", (event) => {
    projected = projection(atlas);
    if (!atlas.lasso.on || !projected || event.button) return;
    atlas.over.setPointerCapture(event.pointerId);
    last = here(event);
    atlas.lasso.line = [projected.toMap(...last)];
  });
  atlas.over.addEventListener("pointermove", (event) => {
    if (!atlas.lasso.line) return;
    const now = here(event);
    if (Math.hypot(now[0] - last[0], now[1] - last[1]) < APART) return;
    last = now;
    atlas.lasso.line.push(projected.toMap(...now));
    atlas.schedule();
  });
  const end = (event) => {
    const line = atlas.lasso.line;
    atlas.lasso.line = null;
    if (!line) return;
    turn(atlas, false);
    const found = corners(line, MOST_CORNERS);
    if (event.type === "pointerup" && found.length >= 3) atlas.component.setTriggerValue("area", found);
    else atlas.schedule();
  };
  atlas.over.addEventListener("pointerup", end);
  atlas.over.addEventListener("pointercancel", end);
  atlas.root.addEventListener("keydown", (event) => event.key === "Escape" && turn(atlas, false));
}

function turn(atlas, on) {
  atlas.lasso.on = on;
  atlas.lasso.toggle.setAttribute("aria-pressed", String(on));
  atlas.over.classList.toggle("drawing", on);
}
