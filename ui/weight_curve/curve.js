// NDCG by image weight as an SVG that stretches with its place. Runs again at every rerun and redraws what it holds.

const SVG = "http://www.w3.org/2000/svg";
const curves = new WeakMap();

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".curve");
  if (!root || !data) return;
  if (!curves.has(root)) curves.set(root, newCurve(root));
  draw(curves.get(root), data);
}

function newCurve(root) {
  const curve = { data: null, plot: element("div", "plot"), ticks: element("div", "ticks"), weights: element("div", "weights") };
  curve.svg = shape("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
  curve.best = shape("rect", { class: "best", y: 0, height: 1 });
  curve.line = shape("path", { class: "line" });
  curve.svg.append(curve.best, curve.line);
  curve.cursor = element("div", "cursor");
  curve.marker = element("div", "marker");
  curve.readout = element("div", "readout");
  curve.readout.hidden = true;
  curve.plot.append(curve.ticks, curve.svg, curve.cursor, curve.marker, curve.readout);
  for (const weight of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    const label = element("span", "weight");
    label.textContent = weight.toFixed(1);
    label.style.left = percent(weight);
    curve.weights.append(label);
  }
  root.setAttribute("role", "img");
  root.append(curve.plot, curve.weights);
  curve.plot.addEventListener("pointermove", (event) => readOut(curve, event));
  curve.plot.addEventListener("pointerleave", () => (curve.readout.hidden = true));
  return curve;
}

function draw(curve, data) {
  curve.data = data;
  curve.plot.parentElement.setAttribute("aria-label", data.sentence);
  curve.line.setAttribute("d", steps(data));
  curve.best.setAttribute("x", data.best[0]);
  curve.best.setAttribute("width", Math.max(data.best[1] - data.best[0], 0.002));
  curve.cursor.style.left = curve.marker.style.left = percent(data.weight);
  curve.marker.style.top = percent(down(data, data.here));
  curve.ticks.replaceChildren(...data.ticks.map((value) => tick(data, value)));
}

function steps(data) {
  const last = data.starts.length - 1;
  const path = [`M0 ${down(data, data.values[0])}`];
  for (let i = 1; i <= last; i += 1) path.push(`H${data.starts[i]}V${down(data, data.values[i])}`);
  return `${path.join("")}H1`;
}

function tick(data, value) {
  const line = element("div", "tick");
  line.style.top = percent(down(data, value));
  const label = element("span", "number");
  label.textContent = value.toFixed(value * 100 === Math.round(value * 100) ? 2 : 3);
  line.append(label);
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

function valueAt(data, weight) {
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

function percent(share) {
  return `${100 * share}%`;
}

function element(tag, name) {
  const node = document.createElement(tag);
  node.className = name;
  return node;
}

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
