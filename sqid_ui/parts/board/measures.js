// What a ranking is worth, as sqid_core's metrics.py measures it, term by term. Pure functions;
// tests/app/parts/test_board_rank.py holds them to the core.
//
// To add a measure: an entry in one of the tables, or in several; the board shows it from there.
//   key    its name in what measure() gives
//   name   (k) => its name for people
//   of     (ranking, judging) => its value: see ranked() and measure()
//   says   (value) => how it is written
//   head   (value, k) => how it is written above its list; one of each table has it
//   beside (value, k) => how it is written beside the slider; one of each table, or two where one says how far to trust it
// The first of a table leads it in bold, and where runs are compared it is what they differ in.
import { fixed } from "../browser/format.js";

const CUT = 10;
// The chance that somebody who looked at a product looks at the next one too.
const PERSISTENCE = 0.8;
const PRECISION = { key: "precision", name: () => `P@${CUT}`, of: precision, says: (value) => fixed(value, 2) };

// Where every candidate was judged.
export const SLATE = [
  {
    key: "ndcg",
    name: () => "NDCG",
    of: ({ gains }, { judged }) => ndcg(gains, judged),
    says: (value) => fixed(value, 4),
    head: (value) => `NDCG ${fixed(value, 4)}`,
    beside: (value) => `NDCG ${fixed(value, 4)}`,
  },
  {
    key: "ndcgCut",
    name: () => `NDCG@${CUT}`,
    of: ({ gains }, { judged }) => ndcg(gains, judged, CUT),
    says: (value) => fixed(value, 4),
  },
  PRECISION,
];

// Where most were never judged: of the first k, or of the first k that were judged.
export const CATALOGUE = [
  {
    key: "readings",
    name: (k) => `NDCG@${k} 0 / best`,
    of: readings,
    says: ([low, high]) => `${fixed(low, 2)} / ${fixed(high, 2)}`,
  },
  {
    key: "condensed",
    name: (k) => `NDCG@${k} judged`,
    of: ({ condensed, k }, { judged }) => ndcg(condensed, judged, k),
    says: (value) => fixed(value, 4),
    beside: (value, k) => `NDCG@${k} judged ${fixed(value, 4)}`,
  },
  {
    key: "judgedShare",
    name: () => "Judged",
    of: ({ labels }) => labels.filter((label) => label >= 0).length / labels.length,
    says: share,
    head: (value) => `${share(value)} judged`,
    beside: (value) => `${share(value)} judged`,
  },
  {
    key: "rbp",
    name: () => `RBP(${PERSISTENCE})`,
    of: rankBiasedPrecision,
    says: ([value, residual]) => `${fixed(value, 2)} + ${fixed(residual, 2)}`,
  },
  PRECISION,
];

// Where all of a catalogue have a label.
export const KNOWN = [
  {
    key: "ndcgShown",
    name: (k) => `NDCG@${k}`,
    of: ({ gains, k }, { judged }) => ndcg(gains, judged, k),
    says: (value) => fixed(value, 4),
    head: (value, k) => `NDCG@${k} ${fixed(value, 4)}`,
    beside: (value, k) => `NDCG@${k} ${fixed(value, 4)}`,
  },
  PRECISION,
];

export function measuresOf(judging) {
  return judging.complete ? SLATE : judging.known ? KNOWN : CATALOGUE;
}

// What a ranking is worth, beside the slider: nothing of what is not defined.
export function besideSlider(found, judging, k) {
  if (!judging || !found) return "";
  const said = measuresOf(judging).filter(({ key, beside }) => beside && !Number.isNaN(found[key]));
  return said.map(({ key, beside }) => ` · ${beside(found[key], k)}`).join("");
}

// Every measure of a ranking by its key, and the mix of its labels. positions: best first. labels: by position, -1
// unjudged. judging: { gains, relevant } by label; judged: the gains of all judged products, best first; complete:
// whether all candidates were judged. k: how many of a catalogue's products count.
export function measure(positions, labels, judging, k) {
  const ranking = ranked(judging.complete ? positions : positions.subarray(0, k), labels, judging, k);
  // The condensed list: the ranking without its unjudged products (Sakai 2007).
  if (!judging.complete && !judging.known) ranking.condensed = ranked(positions.filter((p) => labels[p] >= 0), labels, judging, k).gains;
  const found = measuresOf(judging).map(({ key, of }) => [key, of(ranking, judging)]);
  return { ...Object.fromEntries(found), mix: mixOf(ranking.labels, judging.gains.length) };
}

// By rank: labels, and gains, 0 for the unjudged; k as above, though there may be fewer.
function ranked(positions, labels, judging, k) {
  const own = Array.from(positions, (p) => labels[p]);
  return { labels: own, gains: own.map((label) => (label < 0 ? 0 : judging.gains[label])), k };
}

// 1 / log2(rank + 1), kept: a logarithm a product is most of what measuring costs.
const discounts = [NaN];
function discount(rank) {
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
export function ndcg(gains, judged, k) {
  const best = dcg(judged, k);
  return best > 0 ? dcg(gains, k) / best : NaN;
}

// NDCG were the unjudged products worth nothing, and were each of them as good as the best label: the ideal then holds
// them too. Two readings, not bounds; neither is defined where no judged product has a gain.
function readings({ labels, gains, k }, judging) {
  if (!(dcg(judging.judged, k) > 0)) return [NaN, NaN];
  const best = Math.max(...judging.gains);
  const unjudged = labels.filter((label) => label < 0).map(() => best);
  const hoped = gains.map((gain, i) => (labels[i] < 0 ? best : gain));
  return [ndcg(gains, judging.judged, k), ndcg(hoped, [...unjudged, ...judging.judged], k)];
}

// Rank-biased precision and its residual, what the unjudged products and all behind the last could add.
function rankBiasedPrecision({ labels }, { relevant }) {
  let value = 0, known = 0;
  labels.forEach((label, i) => {
    const weight = (1 - PERSISTENCE) * PERSISTENCE ** i;
    if (label >= 0) known += weight;
    if (label >= 0 && relevant[label]) value += weight;
  });
  return [value, 1 - known];
}

function precision({ labels }, { relevant }) {
  return labels.slice(0, CUT).filter((label) => label >= 0 && relevant[label]).length / CUT;
}

function share(value) {
  return Number.isNaN(value) ? "–" : `${Math.round(100 * value)}%`;
}

// How many of the first ten have each label; the last count is of the unjudged.
function mixOf(labels, labelCount) {
  const counts = new Array(labelCount + 1).fill(0);
  for (const label of labels.slice(0, CUT)) counts[label < 0 ? labelCount : label] += 1;
  return counts;
}

// What a product's place (0 the first) is worth in a ranking of judged products: what it adds to NDCG there, and the
// place at which NDCG would be highest, all others keeping their order.
export function placeValue(positions, labels, judging, place) {
  const best = dcg(judging.judged);
  if (!(best > 0)) return null;
  const { gains } = ranked(positions, labels, judging);
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
