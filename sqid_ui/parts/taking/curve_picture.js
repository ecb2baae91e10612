// The board's curve as a picture of its own, for paper: axes around it, its title above, what its numbers rest on below.
import { LETTER, LINE, escaped, wrapped } from "./small_print.js";

const WIDTH = 800, HEIGHT = 260;
const LEFT = 64, RIGHT = 24, TITLE = 18;
const INK = "#1f2430", PALE = "#dfe2ea", GREY = "#9aa0ad", CURVE = "#4f46e5", BEST = "#10b981";

// curve: what the board draws it from: steps, ends of the axis, ticks, best and everyone's interval. weight: now, or
// null. lines: the small print. Gives the drawing and its size.
export function curvePicture({ curve, weight, title, lines }) {
  const titles = wrapped(title, Math.floor((WIDTH - 16) / 8));
  const small = lines.flatMap((line) => wrapped(line, Math.floor((WIDTH - 16) / LETTER)));
  const top = 20 + titles.length * TITLE;
  const bottom = top + HEIGHT;
  const height = bottom + 48 + small.length * LINE;
  const across = (value) => round(LEFT + value * (WIDTH - LEFT - RIGHT));
  const down = (value) => round(top + ((curve.high - value) / (curve.high - curve.low)) * HEIGHT);
  const span = ([low, high], colour, opacity) =>
    `<rect x="${across(low)}" y="${top}" width="${Math.max(across(high) - across(low), 2)}" height="${HEIGHT}" fill="${colour}" fill-opacity="${opacity}"/>`;
  const path = curve.starts.map((start, i) => (i ? `H${across(start)}V` : `M${across(0)} `) + down(curve.values[i])).join("");
  const parts = [
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...titles.map((line, i) => text(8, 22 + i * TITLE, line, `font-size="15"`)),
    span(curve.best, BEST, 0.26),
    curve.everyone ? span(curve.everyone, GREY, 0.8) : "",
    ...curve.ticks.map((value) => `<path d="M${LEFT} ${down(value)}H${WIDTH - RIGHT}" stroke="${PALE}"/>${text(LEFT - 6, down(value) + 4, value.toFixed(2), `font-size="12" text-anchor="end"`)}`),
    ...[0, 0.2, 0.4, 0.6, 0.8, 1].map((value) => text(across(value), bottom + 16, value.toFixed(1), `font-size="12" text-anchor="middle"`)),
    `<path d="M${LEFT} ${top}V${bottom}H${WIDTH - RIGHT}" fill="none" stroke="${INK}"/>`,
    `<path d="${path}H${across(1)}" fill="none" stroke="${CURVE}" stroke-width="2"/>`,
    weight == null ? "" : `<path d="M${across(weight)} ${top}V${bottom}" stroke="${CURVE}" stroke-dasharray="4 3"/>`,
    text((LEFT + WIDTH - RIGHT) / 2, bottom + 34, "Image weight", `font-size="12" text-anchor="middle"`),
    `<g transform="translate(16 ${(top + bottom) / 2}) rotate(-90)">${text(0, 0, "NDCG", `font-size="12" text-anchor="middle"`)}</g>`,
    ...small.map((line, i) => text(8, bottom + 52 + i * LINE, line, `font-size="10"`)),
  ];
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`;
  return { svg: `${head} font-family="Helvetica, Arial, sans-serif">${parts.join("")}</svg>`, width: WIDTH, height };
}

function text(x, y, words, attributes) {
  return `<text x="${x}" y="${y}" fill="${INK}" ${attributes}>${escaped(words)}</text>`;
}

function round(value) {
  return Math.round(value * 100) / 100;
}
