// NDCG by image weight as an SVG that stretches with its place: exact steps, the best interval, this weight.
import { element, write } from "../browser/elements.js";
import { percent } from "../browser/format.js";

const SVG = "http://www.w3.org/2000/svg";

export function newCurve() {
  const curve = { root: element("div", "curve"), plot: element("div", "plot"), ticks: element("div", "ticks"), data: null };
  curve.svg = shape("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
  curve.best = shape("rect", { class: "best", y: 0, height: 1 });
  curve.line = shape("path", { class: "line" });
  curve.svg.append(curve.best, curve.line);
  curve.everyone = element("div", "everyone");
  curve.bands = element("div", "bands");
  curve.cursor = element("div", "cursor");
  curve.marker = element("div", "marker");
  curve.readout = element("div", "readout");
  curve.readout.hidden = true;
  curve.plot.append(element("div", "plot-name", "NDCG of the mix"), curve.ticks, curve.svg, curve.everyone, curve.bands, curve.cursor, curve.marker, curve.readout);
  curve.plot.setAttribute("role", "img");
  curve.caption = element("p", "curve-caption");
  curve.root.append(curve.plot);
  curve.plot.addEventListener("pointermove", (event) => readOut(curve, event));
  curve.plot.addEventListener("pointerleave", () => (curve.readout.hidden = true));
  return curve;
}

// data without starts: there is nothing to draw, and the sentence says why.
export function drawCurve(curve, data) {
  curve.data = data?.starts ? data : null;
  curve.root.hidden = !curve.data;
  write(curve.caption, data?.sentence);
  if (!curve.data) return;
  curve.plot.setAttribute("aria-label", data.sentence);
  curve.line.setAttribute("d", steps(data));
  curve.best.setAttribute("x", data.best[0]);
  curve.best.setAttribute("width", Math.max(data.best[1] - data.best[0], 0.002));
  curve.everyone.hidden = !data.everyone;
  if (data.everyone) {
    curve.everyone.style.left = percent(data.everyone[0]);
    curve.everyone.style.width = percent(Math.max(data.everyone[1] - data.everyone[0], 0.003));
  }
  curve.ticks.replaceChildren(...data.ticks.map((value) => tick(data, value)));
}

// On every frame: where the weight stands and what the ranking is worth there.
export function moveCursor(curve, weight, value) {
  if (!curve.data) return;
  const fall = down(curve.data, Number.isNaN(value) ? curve.data.low : value);
  curve.cursor.style.transform = `translateX(${percent(weight)})`;
  curve.marker.style.transform = `translate(${percent(weight)}, ${percent(fall)})`;
}

// The curve as a path in a unit square.
export function steps(data) {
  const path = [`M0 ${down(data, data.values[0])}`];
  for (let i = 1; i < data.starts.length; i += 1) path.push(`H${data.starts[i]}V${down(data, data.values[i])}`);
  return `${path.join("")}H1`;
}

function tick(data, value) {
  const line = element("div", "tick");
  line.style.top = percent(down(data, value));
  const decimals = Math.abs(value * 100 - Math.round(value * 100)) < 1e-9 ? 2 : 3;
  line.append(element("span", "number", value.toFixed(decimals)));
  return line;
}

function readOut(curve, event) {
  const box = curve.plot.getBoundingClientRect();
  const weight = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  curve.readout.textContent = `weight ${weight.toFixed(2)} · NDCG ${valueAt(curve.data, weight).toFixed(4)}`;
  curve.readout.style.left = percent(weight);
  curve.readout.classList.toggle("flipped", weight > 0.5);
  curve.readout.hidden = false;
}

// The value at a weight. data: { starts, values } of the steps, from left to right.
export function valueAt(data, weight) {
  let low = 0;
  let high = data.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (data.starts[middle] <= weight) low = middle;
    else high = middle - 1;
  }
  return data.values[low];
}

function down(data, value) {
  return (data.high - value) / (data.high - data.low);
}

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
