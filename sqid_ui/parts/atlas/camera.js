// How the map is moved: what the library does by mouse and wheel, also by keys, buttons and two fingers; and where a place
// of the map is on the screen.
import { button, element } from "../browser/elements.js";

const STEP = 0.15;
const CLOSER = 1 / 1.5;
const NEAREST = 0.002;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const ZOOMS = { "+": CLOSER, "=": CLOSER, "-": 1 / CLOSER };

export function addCamera(atlas) {
  const zoom = (name, text, factor) => {
    const made = button("tool", text);
    made.setAttribute("aria-label", name);
    made.title = name;
    made.addEventListener("click", () => (factor ? move(atlas, 0, 0, factor) : whole(atlas)));
    return made;
  };
  atlas.tools = element("div", "tools");
  atlas.toResults = button("tool", "To the results");
  atlas.toResults.addEventListener("click", () => toResults(atlas));
  atlas.tools.append(zoom("Closer", "+", CLOSER), zoom("Farther", "−", 1 / CLOSER), zoom("The whole map", "⤢", 0), atlas.toResults);
  atlas.stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== atlas.stage) return;
    if (KEYS[event.key]) move(atlas, KEYS[event.key][0] * STEP, KEYS[event.key][1] * STEP, 1);
    else if (ZOOMS[event.key]) move(atlas, 0, 0, ZOOMS[event.key]);
    else if (event.key === "0") whole(atlas);
    else return;
    event.preventDefault();
  });
  addFingers(atlas);
}

// across, up: shares of what is in sight.
function move(atlas, across, up, factor) {
  if (!atlas.plot) return;
  const distance = atlas.plot.get("cameraDistance");
  const [x, y] = atlas.plot.get("cameraTarget");
  atlas.plot.set({
    cameraTarget: [x + 2 * across * distance, y + 2 * up * distance],
    cameraDistance: Math.min(3, Math.max(NEAREST, distance * factor)),
  });
}

// A distance of 1 shows the map's height; where the stage is narrower than high, its width needs more.
export function whole(atlas) {
  const { clientWidth, clientHeight } = atlas.stage;
  atlas.plot?.set({ cameraTarget: [0, 0], cameraDistance: 1.1 * Math.max(1, clientHeight / Math.max(clientWidth, 1)) });
}

// So near that all that lights up for the query is in sight.
function toResults(atlas) {
  const { lists, labels, query } = atlas.data;
  const rows = lists?.rows ?? labels.map(([row]) => row);
  const places = rows.map(atlas.placeOf).filter((place) => place >= 0);
  atlas.plot?.zoomToPoints([...places, atlas.points.products + query], { padding: 0.2 });
}

// One finger moves the page, two the map.
function addFingers(atlas) {
  const fingers = new Map();
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, far: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
  };
  atlas.stage.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  atlas.stage.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = fingers.size === 2 ? spread() : null;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (!before) return;
    const now = spread();
    const { clientWidth, clientHeight } = atlas.stage;
    move(atlas, (before.x - now.x) / clientWidth, (now.y - before.y) / clientHeight, before.far / now.far);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"])
    atlas.stage.addEventListener(end, (event) => fingers.delete(event.pointerId));
}

// Two points with another x and two with another y tell how the map lies on the screen; null before it is drawn.
export function projection(atlas) {
  const { points, plot, ends } = atlas;
  if (!plot || !points) return null;
  const along = (axis, [low, high]) => {
    const [from, to] = [plot.getScreenPosition(low)?.[axis], plot.getScreenPosition(high)?.[axis]];
    const values = axis ? points.y : points.x;
    if (from === undefined || to === undefined) return null;
    const scale = values[high] === values[low] ? 1 : (to - from) / (values[high] - values[low]);
    return { scale, start: from - scale * values[low] };
  };
  const [x, y] = [along(0, ends.x), along(1, ends.y)];
  if (!x || !y) return null;
  return {
    toScreen: (px, py) => [x.start + x.scale * px, y.start + y.scale * py],
    toMap: (sx, sy) => [(sx - x.start) / x.scale, (sy - y.start) / y.scale],
  };
}

// The places of the lowest and the highest value.
export function endsOf(values) {
  let [low, high] = [0, 0];
  values.forEach((value, place) => {
    if (value < values[low]) low = place;
    if (value > values[high]) high = place;
  });
  return [low, high];
}
