// The fusion board: rankings side by side, a weight to drag, and what it does, on every frame and without the server.
// Runs again at every rerun of the page: finds its own nodes and changes only what differs. A rerun never disturbs a
// weight that is being moved; the server hears of it on release, or a quarter of a second after the last key.
import { action, element, write } from "../browser/elements.js";
import { kept } from "../browser/kept.js";
import { dressChip, newChoosing, openChoosing, takeLabelling } from "../../judge/chip/choosing.js";
import { explain } from "../browser/terms.js";
import { markCard, pictureFailed } from "./cards.js";
import { drawCurve, moveCursor, newCurve } from "./curve.js";
import { choose, drawColumns, mountMore, reach, settle, showList, walkTabs } from "./lists.js";
import { besideSlider, measure, measuresOf } from "./measures.js";
import { drawNumbers, newNumbers, openNumbers, showNumbers } from "./numbers.js";
import { fuse, order, orderOfRanks, ranksOf } from "./rank.js";
import { addDragging, askRank, drawPull, letGo, newPull } from "./pull.js";
import { addSlider, jump, takeWeight } from "./steer.js";
import { drawWhy, enterWhy, leaveWhy, newWhy } from "./why.js";

// After so many milliseconds without a frame the cards far from the screen follow too.
const PAUSE = 150;
const decoder = new TextDecoder();

export default function (component) {
  const board = kept(component, ".board", newBoard);
  if (!board) return;
  board.component = component;
  const data = JSON.parse(typeof component.data === "string" ? component.data : decoder.decode(component.data));
  takeWeight(board, data);
  takeData(board, data);
}

// --- what there is ---

function newBoard(root) {
  const board = { root, columns: new Map(), chosen: null, marked: null, pinned: false, weight: 0.5, measures: {} };
  board.held = false; // the pointer holds the slider
  board.keyTimer = 0;
  board.told = 0; // weights told to the page
  board.frame = board.pause = 0;
  board.tell = (name, product) => product !== null && board.component.setTriggerValue(name, board.data.products.id[product]);
  // What its parts ask of the whole.
  board.schedule = () => schedule(board);
  board.rest = () => rest(board);
  board.show = () => show(board, true);
  board.unmark = () => unmark(board);
  board.numbers = newNumbers();
  board.curve = newCurve();
  // What the curve shows, in words: beside the other numbers.
  board.numbers.root.append(board.curve.caption);
  board.tabs = element("div", "tabs");
  board.tabs.setAttribute("role", "tablist");
  board.tabs.setAttribute("aria-label", "Rankings");
  board.lists = element("div", "lists");
  board.pull = newPull(board);
  board.why = newWhy(board);
  addSlider(board);
  root.append(board.curve.root, board.steer, board.numbers.root, board.tabs, board.lists, board.why.root);
  board.tabs.addEventListener("click", (event) => choose(board, event.target.closest("[role=tab]")));
  board.tabs.addEventListener("keydown", (event) => walkTabs(board, event));
  board.choosing = newChoosing(root, () => dressChips(board));
  addJudging(board);
  addMarking(board);
  addDragging(board);
  // A picture's error does not bubble, but it can be caught on its way down.
  board.lists.addEventListener("error", (event) => pictureFailed(event.target), true);
  board.more = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && mountMore(board, entry.target)), {
    rootMargin: "600px",
  });
  return board;
}

function schedule(board) {
  // A weight that moves has no pause, however long a frame takes.
  clearTimeout(board.pause);
  if (!board.frame)
    board.frame = requestAnimationFrame(() => {
      board.frame = 0;
      rankLive(board);
      show(board);
      board.pause = setTimeout(() => show(board, true), PAUSE);
    });
}

// --- new data ---

function takeData(board, data) {
  const markedId = board.marked === null ? null : board.data.products.id[board.marked];
  const before = board.data?.products.id.join();
  board.data = data;
  if (data.scale) takeLabelling(board.choosing, data.labelling, data.scale);
  board.measures = {};
  if (before !== data.products.id.join()) for (const column of board.columns.values()) column.mounted = 0;
  board.marked = markedId === null ? null : data.products.id.indexOf(markedId);
  if (board.marked === -1) [board.marked, board.pinned] = [null, false];
  board.ranks = {};
  board.positions = {};
  for (const list of data.lists)
    if (list.ranks) {
      board.positions[list.key] = orderOfRanks(list.ranks);
      board.ranks[list.key] = list.ranks;
      board.measures[list.key] = measured(board, board.positions[list.key]);
    }
  board.steer.hidden = !data.columns;
  // Two numbers beside the slider take more room.
  board.steer.classList.toggle("partly", Boolean(data.judging) && measuresOf(data.judging).filter((one) => one.beside).length > 1);
  drawNumbers(board.numbers, data);
  drawCurve(board.curve, data.curve);
  openNumbers(board);
  explain(board.reading, "Image weight", data.terms);
  drawJumps(board);
  drawColumns(board);
  rest(board);
  // A new answer shows itself; one that was shown leaves another mark alone.
  const wanted = data.pull?.product ?? data.mark;
  const asked = wanted == null ? "" : `${data.products.id[wanted]} ${data.pull?.rank ?? ""}`;
  if (asked && asked !== board.asked) {
    mark(board, wanted, true);
    if (!data.pull) board.columns.get(board.chosen)?.cards.get(wanted)?.item.scrollIntoView({ block: "nearest" });
  }
  board.asked = asked;
  drawPull(board);
}

function drawJumps(board) {
  board.jumps.replaceChildren(
    ...board.data.jumps.map(({ name, weight, hint, mark }) => {
      const offer = action(`${name} ${weight.toFixed(2)}`, () => jump(board, weight));
      offer.title = hint;
      if (mark) offer.prepend(element("span", `swatch of-${mark}`));
      return offer;
    }),
  );
}

// --- ranking ---

function measured(board, positions) {
  const { judging, products, shown } = board.data;
  return judging ? measure(positions, products.label, judging, shown) : null;
}

function rankLive(board) {
  const { columns, lists } = board.data;
  if (!columns || !lists.some((list) => list.key === "fused")) return;
  board.scores = fuse(columns, board.weight);
  board.positions.fused = order(board.scores);
  board.ranks.fused = ranksOf(board.positions.fused);
  board.measures.fused = measured(board, board.positions.fused);
}

// --- showing: all that may change with the weight ---

// everything: also the cards that are far from the screen.
function show(board, everything = false) {
  const { data } = board;
  const reaches = data.lists.map((list) => (everything ? null : reach(board, list)));
  data.lists.forEach((list, i) => showList(board, list, reaches[i]));
  showNumbers(board.numbers, data, board.measures);
  moveCursor(board.curve, board.weight, board.measures.fused?.ndcg ?? NaN);
  if (data.columns) {
    const said = besideSlider(board.measures.fused, data.judging, data.shown);
    write(board.readout, `Image weight ${board.weight.toFixed(2)}${said}`);
    board.slider.setAttribute("aria-valuetext", `${board.weight.toFixed(2)}${said}`);
  }
  drawWhy(board.why, board, board.marked, board.pinned);
}

// The weight rests: every card in its place, in the order for readers and the keyboard.
function rest(board) {
  clearTimeout(board.pause);
  rankLive(board);
  show(board, true);
  settle(board);
}

// --- judging a product: its chip, for those whom a book allows it ---

function addJudging(board) {
  const open = (event) => {
    const chip = event.target.closest?.(".chip.judges");
    const id = chip?.closest(".card")?.dataset.product;
    if (!id || (event.type === "keydown" && !["Enter", " "].includes(event.key))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    openChoosing(board.choosing, chip, id, board.data.products.title[board.data.products.id.indexOf(id)]);
  };
  for (const type of ["click", "keydown"]) board.lists.addEventListener(type, open);
}

function dressChips(board) {
  for (const { cards } of board.columns.values())
    for (const { chip, item } of cards.values()) dressChip(board.choosing, chip, item.dataset.product);
}

// --- marking a product ---

function addMarking(board) {
  const productOf = (event) => {
    const item = event.target.closest?.(".card");
    const found = item ? board.data.products.id.indexOf(item.dataset.product) : -1;
    return found < 0 ? null : found;
  };
  board.lists.addEventListener("pointerover", (event) => event.pointerType === "mouse" && !board.pinned && mark(board, productOf(event), false));
  board.lists.addEventListener("pointerleave", () => !board.pinned && mark(board, null, false));
  board.lists.addEventListener("focusin", (event) => {
    if (!board.pinned && event.target.matches(":focus-visible")) mark(board, productOf(event), false);
  });
  board.lists.addEventListener("click", (event) => {
    const product = productOf(event);
    if (product === null || (board.dropped && event.detail)) return;
    mark(board, product, !(board.pinned && board.marked === product));
    // Pressed by a key: what can be done with the product is one Tab away, not behind all the other cards.
    if (event.detail === 0 && board.pinned) enterWhy(board.why, event.target.closest(".card"));
  });
  board.root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && board.marked !== null) unmark(board);
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=range])"));
    if (plain && event.key.toLowerCase() === "p" && board.marked !== null) {
      mark(board, board.marked, true);
      if (askRank(board)) event.preventDefault();
    }
  });
}

// The keyboard goes back to the card that it came from, which its focus would mark again: so the mark goes last.
function unmark(board) {
  leaveWhy(board.why)?.querySelector(".title").focus();
  if (board.data.pull?.product === board.marked) letGo(board);
  mark(board, null, false);
}

function mark(board, product, pinned) {
  if (product === board.marked && pinned === board.pinned) return;
  [board.marked, board.pinned] = [product, pinned && product !== null];
  for (const column of board.columns.values())
    for (const [own, card] of column.cards) markCard(card, own === product);
  drawWhy(board.why, board, board.marked, board.pinned);
  drawPull(board);
}
