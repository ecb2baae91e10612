// Pull, the slider run backwards: a product and the rank where it belongs are told to the page, by P and a number or by
// dragging its card in the fused list; the page answers with the weights that do it, shown as bands, and what they cost.
import { action, element, write } from "../browser/elements.js";
import { percent } from "../browser/format.js";
import { carded } from "./lists.js";
import { jump } from "./steer.js";

// So far a pressed pointer moves before it drags the card.
const AWAY = 6;

// What the marked product's panel holds of it. board: its marked product and its data.
export function newPull(board) {
  const pull = { root: element("div", "pull"), form: element("form", "pull-form"), rank: element("input"), says: element("p", "pull-says") };
  Object.assign(pull.rank, { type: "number", min: 1, inputMode: "numeric", required: true });
  const label = element("label", "", "Pull to rank ");
  label.append(pull.rank);
  const go = element("button", "action", "Pull");
  go.title = "Which weights bring it there, and what they cost. Key P";
  pull.form.append(label, go);
  pull.form.addEventListener("submit", (event) => {
    event.preventDefault();
    tellPull(board, board.marked, Number(pull.rank.value));
  });
  pull.says.setAttribute("role", "status");
  pull.set = action("", () => jump(board, board.data.pull.weight));
  pull.losing = action("", () => board.component.setTriggerValue("losing", String(board.data.pull.weight)));
  pull.winning = action("", () => board.component.setTriggerValue("winning", String(board.data.pull.weight)));
  pull.root.append(pull.says, pull.set, pull.losing, pull.winning, pull.form);
  return pull;
}

// rank 0: let go.
function tellPull(board, product, rank) {
  board.component.setTriggerValue("pull", `${rank} ${board.data.products.id[product]}`);
}

export function letGo(board) {
  if (board.data.pull) tellPull(board, board.data.pull.product, 0);
}

// The bands, and in the panel of a pinned product the form or the answer.
export function drawPull(board) {
  const { pull, data } = board;
  const answer = data.pull && data.pull.product === board.marked ? data.pull : null;
  for (const bands of [board.curve.bands, board.bands]) bands.replaceChildren(...(data.pull?.bands ?? []).map(band));
  pull.root.hidden = !board.pinned || !data.actions.includes("pull");
  write(pull.says, answer ? answer.says : "");
  pull.says.hidden = !answer;
  pull.rank.max = data.products.id.length;
  if (answer && document.activeElement !== pull.rank) pull.rank.value = answer.rank;
  pull.set.hidden = answer?.weight == null || answer.weight === board.weight;
  if (!pull.set.hidden) write(pull.set, `Set ${answer.weight.toFixed(2)}`);
  for (const [name, words] of [["losing", "lose"], ["winning", "win"]]) {
    const count = answer?.queries?.[name];
    pull[name].hidden = !count;
    if (count) write(pull[name], `Open the ${count.toLocaleString("en")} that ${words}`);
  }
}

function band([low, high]) {
  const node = element("div", "band");
  node.style.left = percent(low);
  node.style.width = percent(high - low);
  return node;
}

// Key P on a marked card: the rank is typed next.
export function askRank(board) {
  if (board.marked === null || !board.data.actions.includes("pull")) return false;
  board.pull.root.hidden = false;
  board.pull.rank.focus();
  board.pull.rank.select();
  return true;
}

// A card of the fused list that is dragged to a place of it. A finger scrolls; it has the form.
export function addDragging(board) {
  const line = element("div", "drop");
  board.lists.addEventListener("dragstart", (event) => event.preventDefault());
  board.lists.addEventListener("pointerdown", (event) => {
    board.dropped = false;
    const card = event.target.closest(".column[data-key='fused'] .card");
    if (!card || event.button || event.pointerType === "touch" || !board.data.actions.includes("pull")) return;
    const list = card.parentElement;
    let place = null;
    const move = ({ clientY }) => {
      if (place === null && Math.abs(clientY - event.clientY) < AWAY) return;
      if (place === null) list.append(line);
      card.classList.add("dragged");
      place = placeAt(list.getBoundingClientRect(), board.columns.get("fused").count, clientY);
      line.style.top = percent(place / board.columns.get("fused").count);
    };
    const end = ({ type }) => {
      for (const [name, act] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) window.removeEventListener(name, act);
      line.remove();
      card.classList.remove("dragged");
      // The click that ends a drag marks nothing.
      board.dropped = place !== null;
      if (place !== null && type === "pointerup") drop(board, card, place);
    };
    for (const [name, act] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) window.addEventListener(name, act);
  });
}

function drop(board, card, place) {
  const product = board.data.products.id.indexOf(card.dataset.product);
  const target = carded(board, "fused", board.columns.get("fused").mounted)[place];
  if (target !== undefined && target !== product) tellPull(board, product, board.ranks.fused[target]);
}

// The place, from 0, of a list of so many cards that lies at a height of the screen.
export function placeAt(box, count, y) {
  return Math.min(Math.max(Math.floor(((y - box.top) / box.height) * count), 0), count - 1);
}
