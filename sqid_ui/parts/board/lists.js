// The lists: which products have a card, where the cards stand, and, on a narrow screen, which list is shown.
import { button, element, write } from "../browser/elements.js";
import { explain } from "../browser/terms.js";
import { drawCard, markCard, newCard, rankCard, shiftCard, showCard } from "./cards.js";
import { measuresOf } from "./measures.js";

const MOUNTED = 50;
// In screens: how far beyond it cards follow a moving weight at once. The others wait for a pause.
const REACH = 0.5;

export function drawColumns(board) {
  const { lists } = board.data;
  board.root.style.setProperty("--columns", String(lists.length));
  board.root.classList.toggle("single", lists.length === 1);
  const keys = lists.map((list) => list.key);
  if (!keys.includes(board.chosen)) board.chosen = keys.includes("fused") ? "fused" : keys.at(-1);
  for (const [key, column] of board.columns) if (!keys.includes(key)) removeColumn(board, key, column);
  lists.forEach((list, place) => {
    if (!board.columns.has(list.key)) board.columns.set(list.key, newColumn(board, list.key));
    const column = board.columns.get(list.key);
    putAt(board.tabs, column.tab, place);
    putAt(board.lists, column.section, place);
    write(column.tabName, list.name);
    write(column.name, list.name);
    write(column.note, list.note);
    column.worth.hidden = !board.data.judging;
    if (board.data.judging) explain(column.worth, headMeasure(board).name(board.data.shown), board.data.terms);
    column.section.setAttribute("aria-label", `${list.name} ranking`);
    column.limit = Math.min(board.data.shown, board.data.products.id.length);
    column.mounted = Math.min(Math.max(MOUNTED, column.mounted), column.limit);
    // Cards are kept by product, which may stand elsewhere in the new data.
    const products = new Map(board.data.products.id.map((id, product) => [id, product]));
    const kept = new Map();
    for (const card of column.cards.values()) {
      const product = products.get(card.item.dataset.product);
      if (product === undefined) card.item.remove();
      else kept.set(product, card);
    }
    column.cards = kept;
    for (const [product, card] of kept) drawCard(card, product, board.data, board.choosing);
  });
  showChosen(board);
}

function newColumn(board, key) {
  const column = { tab: button("tab"), section: element("section", "column"), cards: new Map(), mounted: 0, limit: 0 };
  column.tab.dataset.key = column.section.dataset.key = key;
  column.tab.setAttribute("role", "tab");
  column.tab.append((column.tabName = element("span", "tab-name")), (column.tabValue = element("span", "tab-value")));
  const head = element("header", "head");
  column.name = element("h3", "name");
  column.worth = element("div", "worth");
  column.worth.append((column.value = element("span", "value")));
  column.note = element("p", "note");
  head.append(column.name, column.worth, column.note);
  column.list = element("ol", "cards");
  column.end = element("div", "end-of-list");
  column.end.dataset.key = key;
  column.section.append(head, column.list, column.end);
  board.more.observe(column.end);
  return column;
}

function removeColumn(board, key, column) {
  board.more.unobserve(column.end);
  column.tab.remove();
  column.section.remove();
  board.columns.delete(key);
}

export function mountMore(board, end) {
  const column = board.columns.get(end.dataset.key);
  if (!column || column.mounted >= column.limit) return;
  column.mounted = Math.min(column.mounted + MOUNTED, column.limit);
  board.rest();
  // It is told again only when the end has left and come back: ask anew.
  board.more.unobserve(end);
  board.more.observe(end);
}

// Who has a card, best first. A filter hides cards of a slate; their products keep their ranks and count all the same.
export function carded(board, key, mounted) {
  const { hidden } = board.data;
  const positions = board.positions[key];
  return (hidden ? positions.filter((product) => !hidden[product]) : positions).subarray(0, mounted);
}

// The first and the last place whose cards are on the screen or near it; none where the list is hidden.
export function reach(board, list) {
  const column = board.columns.get(list.key);
  const box = column.list.getBoundingClientRect();
  if (!box.height) return [0, -1];
  const step = box.height / column.count;
  const screen = window.innerHeight;
  return [Math.floor((-REACH * screen - box.top) / step), Math.ceil(((1 + REACH) * screen - box.top) / step)];
}

// reached: the places to show, null for all. A card that comes from there or goes there moves.
export function showList(board, list, reached) {
  const column = board.columns.get(list.key);
  const positions = carded(board, list.key, column.mounted);
  const near = (place) => reached === null || (place >= reached[0] && place <= reached[1]);
  const others = list.marks.map((key) => [key, nameOf(board, key), board.ranks[key]]);
  if (column.count !== positions.length) column.list.style.setProperty("--count", (column.count = positions.length));
  positions.forEach((product, place) => {
    let card = column.cards.get(product);
    if (!near(place) && !(card && near(card.place))) return;
    if (!card) card = addCard(board, column, product);
    const rank = board.data.hidden ? board.ranks[list.key][product] : place + 1;
    showCard(card, true);
    rankCard(card, rank, place);
    for (const [key, name, ranks] of others) shiftCard(card, key, name, ranks[product] - rank, reached === null);
    markCard(card, product === board.marked);
  });
  if (column.cards.size > positions.length) {
    const shown = new Set(positions);
    for (const [product, card] of column.cards) if (!shown.has(product) && near(card.place)) showCard(card, false);
  }
  const value = headValue(board, list);
  write(column.value, value);
  write(column.tabValue, value);
  if (list.key === "fused") write(column.note, noteOf(board, list));
}

function addCard(board, column, product) {
  const card = newCard();
  column.cards.set(product, card);
  drawCard(card, product, board.data, board.choosing);
  column.list.append(card.item);
  return card;
}

function nameOf(board, key) {
  return board.data.lists.find((list) => list.key === key).name;
}

function headValue(board, list) {
  const found = board.measures[list.key];
  if (!found) return "";
  const { key, head } = headMeasure(board);
  return head(found[key], board.data.shown);
}

function headMeasure(board) {
  return measuresOf(board.data.judging).find((one) => one.head);
}

// What the fused list is made of, and how far down it is what the whole catalogue would give.
export function noteOf(board, list) {
  const { certified, shown, total } = board.data;
  const mix = `${(1 - board.weight).toFixed(2)} text + ${board.weight.toFixed(2)} image`;
  const sure = certified ? certified[Math.round(board.weight * (certified.length - 1))] : null;
  const all = Math.min(shown, total);
  const reach = sure === null ? "" : sure >= all ? `certain to rank ${all}` : `certain to rank ${sure} only`;
  return [mix, reach, list.note].filter(Boolean).join(" · ");
}

// Once the weight rests: the cards' order for readers and the keyboard, and no cards that are not shown.
export function settle(board) {
  for (const [key, column] of board.columns) {
    const positions = carded(board, key, column.mounted);
    const wanted = new Set(positions);
    for (const [product, card] of column.cards) if (!wanted.has(product)) (card.item.remove(), column.cards.delete(product));
    positions.forEach((product, place) => putAt(column.list, column.cards.get(product).item, place));
  }
}

// --- tabs, on a narrow screen ---

export function choose(board, tab) {
  if (!tab) return;
  board.chosen = tab.dataset.key;
  showChosen(board);
  board.show();
}

export function walkTabs(board, event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = [...board.tabs.children];
  const next = tabs[(tabs.findIndex((tab) => tab.dataset.key === board.chosen) + step + tabs.length) % tabs.length];
  event.preventDefault();
  choose(board, next);
  next.focus();
}

function showChosen(board) {
  for (const [key, column] of board.columns) {
    const chosen = key === board.chosen;
    column.tab.setAttribute("aria-selected", String(chosen));
    column.tab.tabIndex = chosen ? 0 : -1;
    column.section.classList.toggle("chosen", chosen);
  }
}

function putAt(parent, child, place) {
  if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] || null);
}
