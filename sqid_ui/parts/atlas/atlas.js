// The map of a catalogue: points drawn by a library that the app itself serves, and over them what lights up for a query,
// at every weight and without the server. Runs again at every rerun of the page and changes only what differs.
import { element, write } from "../browser/elements.js";
import { kept } from "../browser/kept.js";
import { addCamera, endsOf, projection, whole } from "./camera.js";
import { directRenderer } from "./direct.js";
import { addLasso } from "./lasso.js";
import { drawLights, fusedFirst } from "./lights.js";
import { GROUPS, RAMP, codesOf, palette, placesByRow, unpack } from "./places.js";
import { newTip, showTip } from "./tip.js";
import { addWeight, takeWeight } from "./weight.js";

const decoder = new TextDecoder();

export default function (component) {
  const atlas = kept(component, ".atlas", newAtlas);
  if (!atlas) return;
  atlas.component = component;
  atlas.data = JSON.parse(typeof component.data === "string" ? component.data : decoder.decode(component.data));
  takeWeight(atlas, atlas.data);
  drawLegend(atlas);
  atlas.toResults.hidden = atlas.data.query < 0;
  write(atlas.said, atlas.data.said);
  atlas.stage.setAttribute("aria-label", `${atlas.data.label} Arrow keys move it, plus and minus zoom, 0 shows all of it.`);
  atlas.work = (atlas.work ?? Promise.resolve()).then(() => drawPoints(atlas)).catch((error) => failed(atlas, error));
}

function newAtlas(root) {
  const atlas = { root, drawn: "", source: "", points: null, plot: null, frame: 0, weight: 0.5 };
  atlas.stage = element("div", "stage");
  atlas.stage.tabIndex = 0;
  atlas.stage.setAttribute("role", "application");
  atlas.canvas = element("canvas", "points");
  atlas.over = element("canvas", "over");
  atlas.said = element("p", "said");
  atlas.legend = element("div", "legend");
  atlas.tip = newTip();
  atlas.stage.append(atlas.canvas, atlas.over, atlas.tip.root);
  atlas.schedule = () => {
    if (!atlas.frame) atlas.frame = requestAnimationFrame(() => drawOver(atlas));
  };
  addCamera(atlas);
  addLasso(atlas);
  addWeight(atlas);
  root.append(atlas.tools, atlas.stage, atlas.steer, atlas.legend, atlas.said);
  new ResizeObserver(() => fit(atlas)).observe(atlas.stage);
  // The page changes between light and dark without a rerun.
  new MutationObserver(() => readColours(atlas) && redraw(atlas)).observe(document.documentElement, { attributes: true, subtree: false });
  return atlas;
}

function redraw(atlas) {
  atlas.drawn = "";
  atlas.work = atlas.work.then(() => drawPoints(atlas)).catch((error) => failed(atlas, error));
}

function readColours(atlas) {
  const style = getComputedStyle(atlas.root);
  const of = (name) => style.getPropertyValue(name).trim();
  const found = {
    ground: of("--st-background-color"),
    faint: rgb(atlas.root, "var(--faint)"),
    muted: rgb(atlas.root, "var(--muted)"),
    ink: of("--st-text-color"),
    text: rgb(atlas.root, "var(--text)"),
    image: rgb(atlas.root, "var(--image)"),
    fused: of("--st-primary-color"),
    area: of("--st-primary-color"),
    font: of("--st-font") || "sans-serif",
  };
  const changed = JSON.stringify(found) !== JSON.stringify(atlas.colours);
  atlas.colours = found;
  return changed;
}

// A mixed colour as red, green and blue, which the library can read.
function rgb(root, colour) {
  const probe = element("span");
  probe.style.color = colour;
  root.append(probe);
  const pen = (rgb.pen ??= element("canvas").getContext("2d", { willReadFrequently: true }));
  pen.fillStyle = "#888";
  pen.fillStyle = getComputedStyle(probe).color;
  pen.fillRect(0, 0, 1, 1);
  probe.remove();
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

// --- the points ---

async function drawPoints(atlas) {
  const { data } = atlas;
  readColours(atlas);
  const here = (path) => new URL(path, document.baseURI).href;
  if (!atlas.plot) await start(atlas, here(data.library));
  if (atlas.source !== data.points) {
    const answer = await fetch(here(data.points));
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    atlas.points = unpack(await answer.arrayBuffer());
    atlas.placeOf = placesByRow(atlas.points);
    atlas.ends = { x: endsOf(atlas.points.x), y: endsOf(atlas.points.y) };
    atlas.source = data.points;
    atlas.index = undefined;
    atlas.drawn = "";
    showTip(atlas, -1);
  }
  const wanted = JSON.stringify([data.mode, data.ndcg, atlas.colours]);
  if (wanted !== atlas.drawn) {
    const { points, colours } = atlas;
    const count = points.products + points.queries;
    atlas.plot.set({
      backgroundColor: colours.ground,
      pointColor: palette(data.mode, colours.faint, colours.muted),
      pointColorHover: colours.fused,
      pointColorActive: colours.fused,
      pointSize: count > 50000 ? 2 : count > 5000 ? 3 : 5,
    });
    if (count) {
      const drawn = { x: points.x, y: points.y, z: codesOf(points, data.mode, data.ndcg) };
      await atlas.plot.draw(drawn, { zDataType: "categorical", spatialIndex: atlas.index });
      atlas.index = atlas.plot.get("spatialIndex");
    }
    if (!atlas.drawn && !atlas.moved) whole(atlas);
    atlas.drawn = wanted;
  }
  atlas.root.dataset.drawn = data.mode;
  atlas.schedule();
}

async function start(atlas, library) {
  if (!element("canvas").getContext("webgl")?.getExtension("OES_texture_float")) throw new Error("this browser does not draw by WebGL");
  const { createScatterplot, createRegl } = await import(library);
  atlas.plot = createScatterplot({
    canvas: atlas.canvas,
    renderer: directRenderer(atlas.canvas, createRegl),
    ...sizeOf(atlas),
    colorBy: "valueA",
    opacity: 0.85,
    performanceMode: true,
    deselectOnDblClick: false,
    lassoInitiator: false,
    actionKeyMap: {},
    pointOutlineWidth: 0,
    showReticle: false,
    cameraDistance: 1.1,
  });
  atlas.plot.subscribe("view", () => {
    atlas.moved = true;
    showTip(atlas, -1);
    atlas.schedule();
  });
  atlas.plot.subscribe("pointOver", (place) => showTip(atlas, place));
  atlas.plot.subscribe("pointOut", () => showTip(atlas, -1));
  atlas.plot.subscribe("select", ({ points: [place] }) => {
    atlas.plot.deselect({ preventEvent: true });
    if (place >= atlas.points.products) atlas.component.setTriggerValue("query", place - atlas.points.products);
    else showTip(atlas, place);
  });
}

function sizeOf(atlas) {
  return { width: atlas.stage.clientWidth, height: atlas.stage.clientHeight };
}

function fit(atlas) {
  const { width, height } = sizeOf(atlas);
  const scale = window.devicePixelRatio || 1;
  atlas.over.width = width * scale;
  atlas.over.height = height * scale;
  if (atlas.plot && width && height) atlas.plot.set({ width, height });
  atlas.schedule();
}

function failed(atlas, error) {
  write(atlas.said, `The map cannot be drawn: ${error.message}.`);
  atlas.root.dataset.drawn = "failed";
}

// --- what lies over them, and the words below ---

function drawOver(atlas) {
  atlas.frame = 0;
  if (!atlas.points || !atlas.colours) return;
  drawLights(atlas, projection(atlas));
  const { lists } = atlas.data;
  if (!lists?.columns) return;
  const fused = fusedFirst(lists, atlas.weight);
  const shared = (name) => (lists.firsts[name] ?? []).filter((place) => fused.includes(place)).length;
  write(
    atlas.readout,
    `Image weight ${atlas.weight.toFixed(2)}: of the first ${fused.length} fused, ${shared("text")} are among the text’s first and ${shared("image")} among the image’s`,
  );
}

function drawLegend(atlas) {
  const { data } = atlas;
  const colour = { category: (i) => GROUPS[i], cluster: (i) => GROUPS[i], ndcg: (i) => RAMP[i], picture: () => "#dc2626" }[data.mode];
  const items = data.legend.map((name, i) => entry(name, colour ? colour(i) : ""));
  if (data.labels) items.push(...data.scale.names.map((name, i) => entry(name, data.scale.colors[i])));
  if (data.lists) {
    if (data.lists.firsts.text) items.push(entry(`Text’s first ${data.lists.firsts.text.length}`, "var(--text)", "ring"));
    if (data.lists.firsts.image) items.push(entry(`Image’s first ${data.lists.firsts.image.length}`, "var(--image)", "ring"));
    if (data.lists.columns) items.push(entry("Fused", "var(--st-primary-color)"));
  }
  atlas.legend.replaceChildren(...items, entry("Queries", "var(--muted)"));
}

function entry(name, colour, kind = "") {
  const item = element("span", `entry ${kind}`, name);
  item.style.setProperty("--mark", colour);
  return item;
}
