// Ranking and measuring as sqid_core does it, term by term: the combiners and the order of fusion.py, the DCG of
// metrics.py. Pure functions; the columns come prepared from Python. tests/test_board_rank.py holds them to the core.

export const COMBINERS = {
  sum: (a, b, c, w) => (1 - w) * a + w * b,
  max: (a, b, c, w) => Math.max((1 - w) * a, w * b),
  average: (a, b, c, w) =>
    ((1 - w) * a + w * b) / Math.max(Math.sqrt((1 - w) * (1 - w) + w * w + 2 * w * (1 - w) * c), 1e-6),
};
// Every combiner but these is linear in the weight, so that two products pass each other at most once.
const NOT_LINEAR = new Set(["max", "average"]);
const STOPS = 100;
const CUT = 10;

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

// 1 / log2(rank + 1), kept: a logarithm a product is most of what measuring costs.
const discounts = [NaN];
export function discount(rank) {
  for (let next = discounts.length; next <= rank; next += 1) discounts.push(1 / Math.log2(next + 1));
  return discounts[rank];
}

// DCG of gains in rank order, of the first k.
export function dcg(gains, k = gains.length) {
  let sum = 0;
  for (let i = 0; i < Math.min(k, gains.length); i += 1) sum += gains[i] * discount(i + 1);
  return sum;
}

// NaN where no judged product has a gain. judged: the gains of all judged products, best first.
function ndcg(gains, judged, k) {
  const best = dcg(judged, k);
  return best > 0 ? dcg(gains, k) / best : NaN;
}

// What a ranking of judged products is worth. judging: { gains, relevant } by label, { judged } as above.
export function measure(positions, labels, judging) {
  const ranked = Array.from(positions, (p) => labels[p]);
  const gains = ranked.map((label) => (label < 0 ? 0 : judging.gains[label]));
  return {
    ndcg: ndcg(gains, judging.judged),
    ndcgCut: ndcg(gains, judging.judged, CUT),
    precision: ranked.slice(0, CUT).filter((label) => label >= 0 && judging.relevant[label]).length / CUT,
    mix: mixOf(ranked, judging.gains.length),
  };
}

// What the first k of a ranking are worth where most products were never judged: were the unjudged ones worth nothing,
// and were each of them as good as the best label (the ideal then holds them too).
export function measureUnjudged(positions, labels, judging, k) {
  const ranked = Array.from(positions.subarray(0, k), (p) => labels[p]);
  const best = Math.max(...judging.gains);
  const unjudged = ranked.filter((label) => label < 0);
  const gains = (worth) => ranked.map((label) => (label < 0 ? worth : judging.gains[label]));
  return {
    low: ndcg(gains(0), judging.judged, k),
    high: ndcg(gains(best), [...unjudged.map(() => best), ...judging.judged], k),
    judgedShare: ranked.length ? 1 - unjudged.length / ranked.length : NaN,
    precision: ranked.slice(0, CUT).filter((label) => label >= 0 && judging.relevant[label]).length / CUT,
    mix: mixOf(ranked, judging.gains.length),
  };
}

// How many of the first ten have each label; the last count is of the unjudged.
function mixOf(ranked, labelCount) {
  const counts = new Array(labelCount + 1).fill(0);
  for (const label of ranked.slice(0, CUT)) counts[label < 0 ? labelCount : label] += 1;
  return counts;
}

// The weight at which two products change places, null if at none; of several (not linear) the one nearest to w.
export function crossing(columns, first, second, w) {
  if (NOT_LINEAR.has(columns.combiner)) return sampledCrossing(columns, first, second, w);
  const a = columns.a[first] - columns.a[second];
  const b = columns.b[first] - columns.b[second];
  return a * b < 0 ? a / (a - b) : null;
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

// What a product's place (0 the first) is worth in a ranking of judged products: what it adds to NDCG there, and the
// place at which NDCG would be highest, all others keeping their order.
export function placeValue(positions, labels, judging, place) {
  const best = dcg(judging.judged);
  if (!(best > 0)) return null;
  const gains = Array.from(positions, (p) => (labels[p] < 0 ? 0 : judging.gains[labels[p]]));
  const own = gains[place];
  let change = 0;
  const found = { adds: (own * discount(place + 1)) / best, better: 0, at: place };
  const passed = (next, step) => {
    // Exchanging places with its neighbour: the product moves by a step, the neighbour the other way.
    change += ((own - gains[next]) * (discount(next + 1) - discount(next + 1 - step))) / best;
    if (change > found.better + 1e-12) Object.assign(found, { better: change, at: next });
  };
  for (let next = place - 1; next >= 0; next -= 1) passed(next, -1);
  change = 0;
  for (let next = place + 1; next < gains.length; next += 1) passed(next, 1);
  return found;
}
