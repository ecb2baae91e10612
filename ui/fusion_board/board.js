// The fusion board: rankings side by side, a weight to drag, and what it does, on every frame and without the server.
// Runs again at every rerun of the page: finds its own nodes and changes only what differs. A rerun never disturbs a
// weight that is being moved; the server hears of it on release, or a quarter of a second after the last key.

const MOUNTED = 50;
const boards = new WeakMap();
const decoder = new TextDecoder();

export default function (component) {
  const root = component.parentElement.querySelector(".board");
  if (!root || !component.data) return;
  if (!boards.has(root)) boards.set(root, newBoard(root));
  const board = boards.get(root);
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
  board.frame = 0;
  board.tell = (name, product) => product !== null && board.component.setTriggerValue(name, board.data.products.id[product]);
  board.mark = (product, pinned) => mark(board, product, pinned);
  board.numbers = newNumbers();
  board.curve = newCurve();
  board.panel = element("div", "panel");
  board.panel.append(board.numbers.root, board.curve.root);
  board.tabs = element("div", "tabs");
  board.tabs.setAttribute("role", "tablist");
  board.tabs.setAttribute("aria-label", "Rankings");
  board.lists = element("div", "lists");
  board.why = newWhy(board);
  addSlider(board);
  root.append(board.panel, board.steer, board.tabs, board.lists, board.why.root);
  board.tabs.addEventListener("click", (event) => choose(board, event.target.closest("[role=tab]")));
  board.tabs.addEventListener("keydown", (event) => walkTabs(board, event));
  addMarking(board);
  // A picture's error does not bubble, but it can be caught on its way down.
  board.lists.addEventListener("error", (event) => pictureFailed(event.target), true);
  board.more = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && mountMore(board, entry.target)), {
    rootMargin: "600px",
  });
  return board;
}

// --- new data ---

function schedule(board) {
  if (!board.frame)
    board.frame = requestAnimationFrame(() => {
      board.frame = 0;
      rankLive(board);
      show(board);
    });
}

function takeData(board, data) {
  const markedId = board.marked === null ? null : board.data.products.id[board.marked];
  board.data = data;
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
  drawNumbers(board.numbers, data);
  drawCurve(board.curve, data.curve);
  board.panel.hidden = !data.judging && !data.curve;
  board.panel.classList.toggle("alone", !data.curve);
  drawJumps(board);
  drawColumns(board);
  rankLive(board);
  show(board, true);
  settle(board);
}

function drawJumps(board) {
  board.jumps.replaceChildren(
    ...board.data.jumps.map(({ name, weight, hint }) => {
      const button = action(`${name} ${weight.toFixed(2)}`, () => jump(board, weight));
      button.title = hint;
      return button;
    }),
  );
}

function drawColumns(board) {
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
    for (const [product, card] of kept) drawCard(card, product, board.data);
  });
  showChosen(board);
}

function newColumn(board, key) {
  const column = { tab: element("button", "tab"), section: element("section", "column"), cards: new Map(), mounted: 0, limit: 0 };
  column.tab.type = "button";
  column.tab.dataset.key = column.section.dataset.key = key;
  column.tab.setAttribute("role", "tab");
  column.tab.append((column.tabName = element("span", "tab-name")), (column.tabValue = element("span", "tab-value")));
  const head = element("header", "head");
  column.name = element("h3", "name");
  column.value = element("span", "value");
  column.note = element("p", "note");
  head.append(column.name, column.value, column.note);
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

function mountMore(board, end) {
  const column = board.columns.get(end.dataset.key);
  if (!column || column.mounted >= column.limit) return;
  column.mounted = Math.min(column.mounted + MOUNTED, column.limit);
  show(board);
  settle(board);
  // It is told again only when the end has left and come back: ask anew.
  board.more.unobserve(end);
  board.more.observe(end);
}

// --- ranking ---

function measured(board, positions) {
  const { judging, products, shown } = board.data;
  if (!judging) return null;
  return judging.complete ? measure(positions, products.label, judging) : measureUnjudged(positions, products.label, judging, shown);
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

function show(board, everything = false) {
  const { data } = board;
  for (const list of data.lists) showList(board, list, everything);
  showNumbers(board.numbers, data, board.measures);
  const value = board.measures.fused?.ndcg ?? NaN;
  moveCursor(board.curve, board.weight, value);
  if (data.columns) {
    const said = Number.isNaN(value) ? "" : ` · NDCG ${value.toFixed(4)}`;
    write(board.readout, `Image weight ${board.weight.toFixed(2)}${said}`);
    board.slider.setAttribute("aria-valuetext", `${board.weight.toFixed(2)}${said}`);
  }
  drawWhy(board.why, board, board.marked, board.pinned);
}

// Who has a card, best first. A filter hides cards of a slate; their products keep their ranks and count all the same.
function carded(board, key, mounted) {
  const { hidden } = board.data;
  const positions = board.positions[key];
  return (hidden ? positions.filter((product) => !hidden[product]) : positions).subarray(0, mounted);
}

function showList(board, list, everything) {
  const column = board.columns.get(list.key);
  const positions = carded(board, list.key, column.mounted);
  const count = positions.length;
  column.list.style.setProperty("--count", count);
  const others = list.marks.map((key) => [key, nameOf(board, key), board.ranks[key]]);
  for (let place = 0; place < count; place += 1) {
    const product = positions[place];
    const rank = board.data.hidden ? board.ranks[list.key][product] : place + 1;
    let card = column.cards.get(product);
    if (!card) {
      card = newCard();
      column.cards.set(product, card);
      drawCard(card, product, board.data);
      column.list.append(card.item);
    }
    showCard(card, true);
    rankCard(card, rank, place);
    for (const [key, name, ranks] of others) shiftCard(card, key, name, ranks[product] - rank);
    if (everything || card.wasMarked !== (product === board.marked)) markCard(card, product === board.marked);
  }
  if (column.cards.size > count) {
    const shown = new Set(positions);
    for (const [product, card] of column.cards) if (!shown.has(product)) showCard(card, false);
  }
  const value = headValue(board, list);
  write(column.value, value);
  write(column.tabValue, value);
  if (list.key === "fused") write(column.note, noteOf(board, list));
}

function nameOf(board, key) {
  return board.data.lists.find((list) => list.key === key).name;
}

function headValue(board, list) {
  const found = board.measures[list.key];
  if (!found) return "";
  return board.data.judging.complete ? `NDCG ${fixed(found.ndcg, 4)}` : `${Math.round(100 * found.judgedShare)}% judged`;
}

function noteOf(board, list) {
  const { certified, shown, total } = board.data;
  const mix = `${(1 - board.weight).toFixed(2)} text + ${board.weight.toFixed(2)} image`;
  const sure = certified ? certified[Math.round(board.weight * (certified.length - 1))] : null;
  const all = Math.min(shown, total);
  const reach = sure === null ? "" : sure >= all ? `certain to rank ${all}` : `certain to rank ${sure} only`;
  return [mix, reach, list.note].filter(Boolean).join(" · ");
}

// Once the weight rests: the cards' order for readers and the keyboard, and no cards that are not shown.
function settle(board) {
  for (const [key, column] of board.columns) {
    const positions = carded(board, key, column.mounted);
    const wanted = new Set(positions);
    for (const [product, card] of column.cards) if (!wanted.has(product)) (card.item.remove(), column.cards.delete(product));
    positions.forEach((product, place) => putAt(column.list, column.cards.get(product).item, place));
  }
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
    if (product !== null) mark(board, product, !(board.pinned && board.marked === product));
  });
  board.root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && board.marked !== null) mark(board, null, false);
  });
}

function mark(board, product, pinned) {
  if (product === board.marked && pinned === board.pinned) return;
  [board.marked, board.pinned] = [product, pinned && product !== null];
  for (const column of board.columns.values())
    for (const [own, card] of column.cards) markCard(card, own === product);
  drawWhy(board.why, board, board.marked, board.pinned);
}

function markCard(card, marked) {
  if (card.wasMarked === marked) return;
  card.wasMarked = marked;
  card.item.classList.toggle("marked", marked);
}

// --- tabs, on a narrow screen ---

function choose(board, tab) {
  if (!tab) return;
  board.chosen = tab.dataset.key;
  showChosen(board);
}

function walkTabs(board, event) {
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
