// Why a product stands where it stands: its ranks and scores, where it passes its neighbours, what its place is worth.
import { action, element, write } from "../browser/elements.js";
import { fixed } from "../browser/format.js";
import { placeValue } from "./measures.js";
import { crossing } from "./rank.js";

// board: its tell() and unmark() answer the buttons.
export function newWhy(board) {
  const why = { root: element("aside", "why"), title: element("p", "why-title"), lines: element("div", "why-lines"), actions: element("div", "why-actions") };
  why.root.hidden = true;
  // Read out when the keyboard comes in: the reasons are no button of their own.
  why.root.setAttribute("role", "group");
  why.root.setAttribute("aria-label", "The marked product");
  why.root.setAttribute("aria-describedby", (why.lines.id = "why-lines"));
  why.open = action("Details", () => board.tell("open", board.marked));
  why.similar = action("Find similar", () => board.tell("similar", board.marked));
  why.close = action("Close", () => board.unmark());
  why.actions.append(why.open, why.similar, why.close);
  why.root.append(why.title, why.lines, why.actions, board.pull.root);
  return why;
}

// The keyboard comes here from a card: to the first of the actions.
export function enterWhy(why, card) {
  why.from = card;
  [why.open, why.similar, why.close].find((button) => !button.hidden).focus();
}

// The card to go back to, null unless the keyboard is here and came from one.
export function leaveWhy(why) {
  const from = why.root.matches(":focus-within") && why.from?.isConnected ? why.from : null;
  why.from = null;
  return from;
}

// state: { data, weight, positions, scores, ranks } of the board; product: a position, null for none.
export function drawWhy(why, state, product, pinned) {
  if (why.root.hidden !== (product === null)) why.root.hidden = product === null;
  why.root.classList.toggle("pinned", pinned);
  if (product === null) return;
  const { data } = state;
  why.open.hidden = !data.actions.includes("open");
  why.similar.hidden = !data.actions.includes("similar");
  write(why.title, data.products.title[product]);
  const lines = reasons(state, product);
  while (why.lines.children.length > lines.length) why.lines.lastChild.remove();
  while (why.lines.children.length < lines.length) why.lines.append(element("p"));
  lines.forEach((line, i) => write(why.lines.children[i], line));
}

// What is said of a product, a line each.
export function reasons(state, product) {
  return [standing(state, product), neighbours(state, product), worth(state, product)].filter(Boolean);
}

function standing({ data, ranks, scores }, product) {
  const own = { text: data.products.text, image: data.products.image, fused: scores };
  return data.lists
    .map((list) => {
      const values = own[list.key];
      const score = values ? (values[product] == null ? " (none)" : ` (${fixed(values[product], 3)})`) : "";
      return `${list.name} #${ranks[list.key][product]}${score}`;
    })
    .join(" · ");
}

// The weights at which it changes places with the products next to it in the fused list.
function neighbours({ data, positions, ranks, weight }, product) {
  if (!data.columns) return null;
  const place = ranks.fused[product] - 1;
  const said = (other, words) => {
    const at = other === undefined ? null : crossing(data.columns, product, other, weight);
    return at === null ? null : `${words} “${shortened(data.products.title[other])}” at weight ${at.toFixed(2)}`;
  };
  const found = [
    said(positions.fused[place - 1], "Passes"),
    said(positions.fused[place + 1], "Falls behind"),
  ].filter(Boolean);
  return found.length ? found.join(" · ") : "No weight changes its place with the products next to it.";
}

function worth({ data, positions, ranks }, product) {
  const key = ranks.fused ? "fused" : data.judging?.against?.key;
  if (!data.judging?.complete || !key) return null;
  const value = placeValue(positions[key], data.products.label, data.judging, ranks[key][product] - 1);
  if (!value) return null;
  const { name } = data.lists.find((list) => list.key === key) ?? data.judging.against;
  const adds = `At ${ranks[key][product]} in ${name} it adds ${value.adds.toFixed(4)} to NDCG`;
  return value.better > 0
    ? `${adds}; its place costs ${value.better.toFixed(4)}: best for it is rank ${value.at + 1}.`
    : `${adds}; no other place would be better.`;
}

function shortened(title) {
  return title.length <= 48 ? title : `${title.slice(0, 47)}…`;
}
