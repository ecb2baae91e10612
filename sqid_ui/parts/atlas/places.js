// The points of a map as the server packs them (sqid_ui/caches/maps.py), and the colour of each. Pure functions.

export const GRID = 65535;
// Codes of products without a category, and of the rest of them.
export const NONE = 255;
// Steps of the colours of NDCG, from 0 to 1.
export const RAMP = ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725"];
// Groups have colours that stay apart on a light page and on a dark one; the largest group has the first.
export const GROUPS = [
  "#4269d0", "#efb118", "#ff725c", "#3ca951", "#a463f2", "#0891b2", "#ff8ab7", "#9c6b4e", "#84cc16", "#dc2626", "#0d9488", "#c026d3",
  "#7c86ff", "#b45309", "#6cc5b0", "#be123c", "#5b8c2a", "#97bbf5", "#d97706", "#8b5cf6", "#e879a0", "#059669", "#a3845b", "#64a2d8",
];

// products: how many have a place; queries stand behind them. x, y: from -1 to 1.
export function unpack(buffer) {
  const [products, queries] = new Uint32Array(buffer, 0, 2);
  const all = products + queries;
  const grid = new Uint16Array(buffer, 8 + 4 * products, 2 * all);
  const codes = 8 + 4 * products + 4 * all;
  const code = (place) => new Uint8Array(buffer, codes + place * products, products);
  return {
    products,
    queries,
    rows: new Uint32Array(buffer, 8, products),
    x: Float32Array.from(grid.subarray(0, all), onScreen),
    y: Float32Array.from(grid.subarray(all), onScreen),
    codes: { category: code(0), cluster: code(1), picture: code(2) },
  };
}

export function onScreen(place) {
  return (place / GRID) * 2 - 1;
}

export function onGrid(place) {
  return Math.min(GRID, Math.max(0, Math.round(((place + 1) / 2) * GRID)));
}

// What each point is coloured by: a place in the palette of `palette`. 0 is grey, 1 a query, the colours begin at 2.
export function codesOf(points, mode, ndcg) {
  const found = new Float32Array(points.products + points.queries);
  const codes = points.codes[mode];
  for (let i = 0; i < points.products; i += 1)
    if (codes) found[i] = codes[i] === NONE ? 0 : mode === "picture" ? (codes[i] ? 0 : 2) : 2 + Math.min(codes[i], GROUPS.length - 1);
  for (let i = 0; i < points.queries; i += 1) found[points.products + i] = mode === "ndcg" ? codeOfNdcg(ndcg?.[i]) : 1;
  return found;
}

function codeOfNdcg(hundredths) {
  return hundredths == null ? 0 : 2 + Math.min(RAMP.length - 1, Math.floor((hundredths / 100) * RAMP.length));
}

// ground: the colour of what says nothing; query: that of queries. Every place that `codesOf` gives has a colour.
export function palette(mode, ground, query) {
  return [ground, query, ...(mode === "ndcg" ? RAMP : mode === "picture" ? ["#dc2626"] : GROUPS)];
}

// The place of each product's row among the points; -1 where it has none.
export function placesByRow(points) {
  const last = points.products ? points.rows[points.products - 1] : -1;
  const found = new Int32Array(last + 1).fill(-1);
  points.rows.forEach((row, place) => (found[row] = place));
  return (row) => (row <= last ? found[row] : -1);
}

// Corners of a polygon on the grid, at most so many, evenly chosen along the line that was drawn.
export function corners(line, most) {
  const step = Math.max(1, line.length / most);
  const found = [];
  for (let at = 0; at < line.length && found.length < most; at += step) found.push(line[Math.floor(at)].map(onGrid));
  return found;
}
