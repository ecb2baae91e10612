// What lies over the points: names of clusters, the area, and what lights up for the chosen query. Drawn anew on every
// frame that moves, so it draws little: two lists, the fused one, a query's labels.
import { fuse, order } from "../board/rank.js";
import { onScreen } from "./places.js";

const FULL = 2 * Math.PI;

// The places in the list of candidates that the fused ranking puts first at a weight.
export function fusedFirst(lists, weight) {
  return lists?.columns ? [...order(fuse(lists.columns, weight)).subarray(0, lists.shown)] : [];
}

// projected: see camera.js; null before anything is drawn.
export function drawLights(atlas, projected) {
  const { over, data, weight } = atlas;
  const pen = over.getContext("2d");
  const scale = window.devicePixelRatio || 1;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, over.width, over.height);
  if (!projected) return;
  const at = (place) => projected.toScreen(atlas.points.x[place], atlas.points.y[place]);
  drawArea(pen, atlas, projected);
  for (const [row, label] of data.labels ?? []) dot(pen, atlas, at, row, data.scale.colors[label], 5);
  if (data.lists) {
    const { rows, firsts } = data.lists;
    for (const place of fusedFirst(data.lists, weight)) dot(pen, atlas, at, rows[place], atlas.colours.fused, data.labels ? 2.5 : 4);
    for (const place of firsts.text ?? []) ring(pen, atlas, at, rows[place], atlas.colours.text, 6);
    for (const place of firsts.image ?? []) ring(pen, atlas, at, rows[place], atlas.colours.image, 8);
  }
  if (data.query >= 0) star(pen, atlas, at(atlas.points.products + data.query));
  drawNames(pen, atlas, projected);
}

function dot(pen, atlas, at, row, colour, size) {
  const place = atlas.placeOf(row);
  if (place < 0) return;
  const [x, y] = at(place);
  pen.beginPath();
  pen.arc(x, y, size, 0, FULL);
  pen.fillStyle = colour;
  pen.fill();
  pen.lineWidth = 1;
  pen.strokeStyle = atlas.colours.ground;
  pen.stroke();
}

function ring(pen, atlas, at, row, colour, size) {
  const place = atlas.placeOf(row);
  if (place < 0) return;
  const [x, y] = at(place);
  pen.beginPath();
  pen.arc(x, y, size, 0, FULL);
  pen.lineWidth = 1.5;
  pen.strokeStyle = colour;
  pen.stroke();
}

function star(pen, atlas, [x, y]) {
  pen.beginPath();
  for (let corner = 0; corner < 10; corner += 1) {
    const size = corner % 2 ? 4 : 10;
    const angle = (corner * FULL) / 10 - FULL / 4;
    pen.lineTo(x + size * Math.cos(angle), y + size * Math.sin(angle));
  }
  pen.closePath();
  pen.fillStyle = atlas.colours.ink;
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = atlas.colours.ground;
  pen.stroke();
}

function drawArea(pen, atlas, projected) {
  const corners = atlas.lasso?.line ?? atlas.data.area?.map(([x, y]) => [onScreen(x), onScreen(y)]);
  if (!corners?.length) return;
  pen.beginPath();
  for (const corner of corners) pen.lineTo(...projected.toScreen(...corner));
  pen.closePath();
  pen.fillStyle = atlas.colours.area;
  pen.globalAlpha = 0.15;
  pen.fill();
  pen.globalAlpha = 1;
  pen.lineWidth = 2;
  pen.strokeStyle = atlas.colours.area;
  pen.stroke();
}

// The largest first; who would lie over another's name is left out.
function drawNames(pen, atlas, projected) {
  pen.font = `600 12px ${atlas.colours.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const taken = [];
  for (const { text, x, y } of atlas.data.names ?? []) {
    const [left, top] = projected.toScreen(onScreen(x), onScreen(y));
    const width = pen.measureText(text).width / 2 + 4;
    if (taken.some(([l, t, w]) => Math.abs(l - left) < w + width && Math.abs(t - top) < 18)) continue;
    taken.push([left, top, width]);
    pen.lineWidth = 4;
    pen.strokeStyle = atlas.colours.ground;
    pen.strokeText(text, left, top);
    pen.fillStyle = atlas.colours.ink;
    pen.fillText(text, left, top);
  }
}
