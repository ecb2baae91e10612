// Ranking as sqid_core's fusion.py does it, term by term: its combiners and its order. Pure functions; the columns come
// prepared from Python. tests/app/parts/test_board_rank.py holds them to the core.

export const COMBINERS = {
  sum: (a, b, c, w) => (1 - w) * a + w * b,
  max: (a, b, c, w) => Math.max((1 - w) * a, w * b) - c,
  average: (a, b, c, w) =>
    ((1 - w) * a + w * b) / Math.max(Math.sqrt((1 - w) * (1 - w) + w * w + 2 * w * (1 - w) * c), 1e-6),
};
// Every combiner but these is linear in the weight, so that two products pass each other at most once.
const NOT_LINEAR = new Set(["max", "average"]);
const STOPS = 100;

// Fused scores, one a candidate.
export function fuse(columns, w) {
  const combine = COMBINERS[columns.combiner];
  return Float64Array.from(columns.a, (a, i) => combine(a, columns.b[i], columns.c ? columns.c[i] : 0, w));
}

// Positions from best to worst; equal scores in position order, the core's rule for ties.
export function order(scores) {
  return Int32Array.from(scores, (_, i) => i).sort((i, j) => scores[j] - scores[i] || i - j);
}

// Positions by rank: ranks are whole numbers, each once.
export function orderOfRanks(ranks) {
  return Int32Array.from(ranks, (_, i) => i).sort((i, j) => ranks[i] - ranks[j]);
}

// The rank of each candidate, 1 the best.
export function ranksOf(positions) {
  const ranks = new Int32Array(positions.length);
  positions.forEach((position, place) => (ranks[position] = place + 1));
  return ranks;
}

// The weight at which two products change places, null if at none; of several (not linear) the one nearest to w.
export function crossing(columns, first, second, w) {
  if (NOT_LINEAR.has(columns.combiner)) return sampledCrossing(columns, first, second, w);
  const a = columns.a[first] - columns.a[second];
  const b = columns.b[first] - columns.b[second];
  // Signs: the product of two small differences underflows to 0.
  return Math.sign(a) * Math.sign(b) < 0 ? a / (a - b) : null;
}

function sampledCrossing(columns, first, second, w) {
  const combine = COMBINERS[columns.combiner];
  const score = (i, at) => combine(columns.a[i], columns.b[i], columns.c ? columns.c[i] : 0, at);
  const side = (at) => Math.sign(score(first, at) - score(second, at));
  let nearest = null;
  for (let stop = 1; stop <= STOPS; stop += 1) {
    const at = (stop - 0.5) / STOPS;
    if (side((stop - 1) / STOPS) * side(stop / STOPS) < 0 && (nearest === null || Math.abs(at - w) < Math.abs(nearest - w)))
      nearest = at;
  }
  return nearest;
}
