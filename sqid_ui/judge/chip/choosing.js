// Judging where one looks: a product's label chip opens the labels of the scale, for people whom a book allows it. The
// act goes the same way as at the desk: shown at once, kept in the browser, confirmed by the server.
import { button, element, write } from "../../parts/browser/elements.js";
import { labelKeys } from "../desk/keys.js";
import { newMail, written } from "../desk/mail.js";

// root: what the choices open in. changed: called when something else is to be shown of a product.
export function newChoosing(root, changed) {
  const choosing = { root, changed, said: new Map(), node: element("div", "choosing"), labelling: null };
  choosing.node.hidden = true;
  choosing.node.setAttribute("role", "dialog");
  choosing.node.addEventListener("keydown", (event) => hear(choosing, event));
  choosing.node.addEventListener("click", (event) => event.stopPropagation());
  root.addEventListener("click", (event) => event.composedPath()[0] !== choosing.anchor && close(choosing, false));
  root.append(choosing.node);
  return choosing;
}

// labelling: address, bundle, fingerprint, judge, number, query_id, books and what was said; null for whom no book
// allows it. scale: names, letters, colors.
export function takeLabelling(choosing, labelling, scale) {
  const of = labelling && JSON.stringify([labelling.judge, labelling.bundle, labelling.query_id]);
  if (of !== choosing.of) {
    close(choosing, false);
    choosing.said = new Map();
    if (labelling) Object.assign(choosing, newMail(choosing.root, labelling, (news) => hearMail(choosing, news)));
  }
  Object.assign(choosing, { of, labelling, scale });
  if (!labelling) return;
  choosing.outbox.heard(labelling.number);
  for (const [product, word] of Object.entries(labelling.said)) if (!choosing.said.has(product)) choosing.said.set(product, word);
  for (const act of choosing.outbox.waiting()) if (act.query_id === labelling.query_id) note(choosing, act);
  choosing.sender.kick();
}

function note(choosing, { kind, value, product_id }) {
  if (kind === "label") choosing.said.set(product_id, value);
  if (kind === "unrateable") choosing.said.set(product_id, "Unrateable");
}

// Makes a chip a button, or no button, and tells what the judge said of its product.
export function dressChip(choosing, chip, product) {
  const allowed = Boolean(choosing?.labelling);
  chip.classList.toggle("judges", allowed);
  for (const [name, value] of Object.entries({ role: "button", tabindex: "0", "aria-haspopup": "dialog" })) {
    if (allowed) chip.setAttribute(name, value);
    else chip.removeAttribute(name);
  }
  const word = allowed ? choosing.said.get(product) : null;
  const at = word == null ? -1 : choosing.scale.names.indexOf(word);
  if (word) chip.dataset.said = `you: ${at < 0 ? word : choosing.scale.letters[at]}`;
  else delete chip.dataset.said;
  chip.title = allowed ? (word ? `You said ${word}: judge again` : "Judge this product") : "";
}

export function openChoosing(choosing, anchor, product, title) {
  const { node, scale, labelling, root } = choosing;
  Object.assign(choosing, { anchor, product });
  node.setAttribute("aria-label", `How well does it fit: ${title}`);
  const keys = labelKeys(scale.letters), said = choosing.said.get(product);
  const options = [...scale.names.map((name, place) => [name, keys[place], scale.colors[place]]), ["Unrateable", "u", ""]];
  choosing.buttons = options.map(([name, key, color]) => {
    const press = button("option");
    if (color) press.style.setProperty("--label", color);
    press.append(element("kbd", "", key.toUpperCase()), element("span", "", name));
    press.setAttribute("aria-pressed", String(name === said));
    press.dataset.key = key;
    press.addEventListener("click", () => choose(choosing, name));
    return press;
  });
  const books = element("select", "books");
  books.setAttribute("aria-label", "Book");
  books.append(...labelling.books.map(({ id, name }) => Object.assign(element("option", "", name), { value: id })));
  books.value = choosing.book ?? labelling.books[0].id;
  books.addEventListener("change", () => (choosing.book = books.value));
  choosing.books = books;
  const where = element("p", "where");
  if (labelling.books.length > 1) where.append("In the book ", books);
  else write(where, `In the book ${labelling.books[0].name}`);
  choosing.state = element("p", "state");
  choosing.state.setAttribute("role", "status");
  node.replaceChildren(...choosing.buttons, where, choosing.state);
  node.hidden = false;
  place(node, anchor, root);
  choosing.buttons[Math.max(options.findIndex(([name]) => name === said), 0)].focus();
}

// Below the chip where there is room, else above it, and never beyond the edge.
function place(node, anchor, root) {
  const at = anchor.getBoundingClientRect(), within = root.getBoundingClientRect();
  const below = at.bottom + node.offsetHeight + 8 < window.innerHeight || at.top < node.offsetHeight;
  node.style.top = `${(below ? at.bottom + 4 : at.top - node.offsetHeight - 4) - within.top}px`;
  node.style.left = `${Math.max(0, Math.min(at.left - within.left, within.width - node.offsetWidth))}px`;
}

function choose(choosing, name) {
  const { labelling, product } = choosing;
  const unrateable = name === "Unrateable" && !choosing.scale.names.includes(name);
  const act = {
    kind: unrateable ? "unrateable" : "label",
    value: unrateable ? "" : name,
    query_id: labelling.query_id,
    product_id: product,
    book: choosing.books.value,
    showing: 1,
    fingerprint: labelling.fingerprint,
  };
  written(choosing.outbox, act);
  note(choosing, act);
  choosing.sender.kick();
  close(choosing, true);
  choosing.changed();
}

function close(choosing, back) {
  if (choosing.node.hidden) return;
  choosing.node.hidden = true;
  if (back) choosing.anchor?.focus();
}

function hear(choosing, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  event.stopPropagation(); // the board's own keys mean something else
  const { buttons } = choosing, at = buttons.indexOf(event.composedPath()[0]);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const named = buttons.find((press) => press.dataset.key && press.dataset.key === event.key.toLowerCase());
  if (event.key === "Escape") close(choosing, true);
  else if (step && at >= 0) buttons[(at + step + buttons.length) % buttons.length].focus();
  else if (named && at >= 0) named.click();
  else return;
  event.preventDefault();
}

// A refused act has never been; why, stands on the chip.
function hearMail(choosing, news) {
  for (const sentence of Object.values(news?.refused ?? {})) {
    choosing.said.clear();
    choosing.refusal = sentence;
  }
  if (news && Object.keys(news.refused).length) {
    choosing.changed();
    if (choosing.anchor?.isConnected) choosing.anchor.title = `Not taken: ${choosing.refusal}`;
  }
}
