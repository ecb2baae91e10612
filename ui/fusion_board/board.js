// Draws ranked lists from columns. Runs again at every rerun of the page: it finds its own cards and changes only what
// differs. Titles, brands and addresses come from strangers: they reach the page by textContent and checked URLs only.

const boards = new WeakMap();

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".board");
  if (!root || !data) return;
  if (!boards.has(root)) boards.set(root, newBoard(root));
  draw(boards.get(root), data);
}

function newBoard(root) {
  const board = { root, tabs: element("div", "tabs"), lists: element("div", "lists"), columns: new Map(), chosen: null };
  board.tabs.setAttribute("role", "tablist");
  board.tabs.setAttribute("aria-label", "Rankings");
  root.append(board.tabs, board.lists);
  board.tabs.addEventListener("click", (event) => choose(board, event.target.closest("[role=tab]")));
  board.tabs.addEventListener("keydown", (event) => walkTabs(board, event));
  // A picture's error does not bubble, but it can be caught on its way down.
  board.lists.addEventListener("error", (event) => pictureFailed(event.target), true);
  return board;
}

function draw(board, data) {
  board.root.style.setProperty("--columns", String(data.lists.length));
  board.root.classList.toggle("single", data.lists.length === 1);
  const keys = data.lists.map((list) => list.key);
  if (!keys.includes(board.chosen)) board.chosen = keys.includes("fused") ? "fused" : keys[0];
  for (const [key, column] of board.columns) if (!keys.includes(key)) removeColumn(board, key, column);
  data.lists.forEach((list, place) => {
    if (!board.columns.has(list.key)) board.columns.set(list.key, newColumn(list.key));
    const column = board.columns.get(list.key);
    putAt(board.tabs, column.tab, place);
    putAt(board.lists, column.section, place);
    drawColumn(column, list, data);
  });
  showChosen(board);
}

function removeColumn(board, key, column) {
  column.tab.remove();
  column.section.remove();
  board.columns.delete(key);
}

function newColumn(key) {
  const column = { tab: element("button", "tab"), section: element("section", "column"), cards: new Map() };
  column.tab.type = "button";
  column.tab.dataset.key = key;
  column.tab.setAttribute("role", "tab");
  column.tab.append((column.tabName = element("span", "tab-name")), (column.tabValue = element("span", "tab-value")));
  column.section.dataset.key = key;
  column.head = element("header", "head");
  column.name = element("h3", "name");
  column.value = element("span", "value");
  column.note = element("p", "note");
  column.head.append(column.name, column.value, column.note);
  column.list = element("ol", "cards");
  column.section.append(column.head, column.list);
  return column;
}

function drawColumn(column, list, data) {
  write(column.tabName, list.name);
  write(column.tabValue, list.value);
  write(column.name, list.name);
  write(column.value, list.value);
  write(column.note, list.note);
  column.section.setAttribute("aria-label", `${list.name} ranking`);
  const wanted = new Set(list.order.map((p) => data.products.id[p]));
  for (const [id, card] of column.cards) if (!wanted.has(id)) (card.item.remove(), column.cards.delete(id));
  list.order.forEach((product, place) => {
    const id = data.products.id[product];
    if (!column.cards.has(id)) column.cards.set(id, newCard());
    const card = column.cards.get(id);
    drawCard(card, product, place, list, data);
    putAt(column.list, card.item, place);
  });
}

function newCard() {
  const card = { item: element("li", "card"), rank: element("span", "rank"), thumb: element("div", "thumb"), body: element("div", "body") };
  card.title = element("p", "title");
  card.title.dir = "auto";
  card.facts = element("p", "facts");
  card.chip = element("span", "chip");
  card.letter = element("b", "letter");
  card.label = element("span", "label");
  card.chip.append(card.letter, card.label);
  card.scores = element("span", "scores");
  card.text = scoreMark("text");
  card.image = scoreMark("image");
  card.scores.append(card.text.mark, card.image.mark);
  const foot = element("div", "foot");
  foot.append(card.chip, card.scores);
  card.body.append(card.title, card.facts, foot);
  card.item.append(card.rank, card.thumb, card.body);
  return card;
}

function scoreMark(kind) {
  const mark = element("span", `score ${kind}`);
  const place = element("span", "place");
  const number = element("span", "number");
  mark.append(place, number);
  return { mark, place, number };
}

function drawCard(card, product, place, list, data) {
  const facts = data.products;
  card.item.dataset.product = facts.id[product];
  write(card.rank, String(place + 1));
  write(card.title, facts.title[product]);
  if (card.item.title !== facts.title[product]) card.item.title = facts.title[product];
  write(card.facts, facts.facts[product]);
  drawPicture(card, facts.picture[product]);
  drawLabel(card, facts.label[product], data.scale);
  drawScore(card.text, "Text", facts.text && facts.text[product], list.key === "text" ? null : data.ranks.text && data.ranks.text[product]);
  drawScore(card.image, "Image", facts.image && facts.image[product], list.key === "image" ? null : data.ranks.image && data.ranks.image[product]);
}

function drawScore(score, name, value, rank) {
  score.mark.hidden = value === undefined;
  write(score.place, rank == null ? name : `${name} #${rank}`);
  write(score.number, value == null ? "none" : signed(value));
}

function drawLabel(card, label, scale) {
  const judged = label >= 0;
  card.chip.hidden = !scale;
  card.chip.classList.toggle("unjudged", !judged);
  write(card.letter, judged ? scale.letters[label] : "–");
  write(card.label, judged ? scale.names[label] : "Unjudged");
  card.chip.style.setProperty("--label", judged ? scale.colors[label] : "");
}

function drawPicture(card, address) {
  const source = safeAddress(address);
  if (card.source === source && card.thumb.firstChild) return;
  card.source = source;
  card.thumb.replaceChildren();
  card.thumb.classList.toggle("empty", !source);
  if (!source) {
    write(card.thumb, "No picture");
    return;
  }
  const image = document.createElement("img");
  image.alt = "";
  image.loading = "lazy";
  image.decoding = "async";
  image.referrerPolicy = "no-referrer";
  image.src = source;
  card.thumb.append(image);
}

function pictureFailed(image) {
  if (!image || image.tagName !== "IMG") return;
  const thumb = image.parentElement;
  image.remove();
  thumb.classList.add("empty");
  write(thumb, "Picture not available");
}

// Only the web and this app's own pictures: anything else (javascript:, data:, file:) counts as no picture.
function safeAddress(address) {
  if (!address) return null;
  try {
    const url = new URL(address, document.baseURI);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

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

function write(node, text) {
  const wanted = text == null ? "" : String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

function element(tag, name) {
  const node = document.createElement(tag);
  node.className = name;
  return node;
}

function signed(value) {
  return value.toFixed(3).replace("-", "−");
}
