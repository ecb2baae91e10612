// A table whose rows open something. Runs again at every rerun: keeps its place, and where the keyboard is.
import { button, element, write } from "../browser/elements.js";
import { image } from "../browser/images.js";
import { kept } from "../browser/kept.js";
import { safeAddress } from "../browser/safe_address.js";

export default function (component) {
  const table = kept(component, ".rows", newTable);
  if (!table) return;
  table.tell = component.setTriggerValue;
  table.keep = component.setStateValue;
  draw(table, component.data);
}

function newTable(root) {
  const table = { root, scroller: element("div", "scroller"), head: element("tr"), body: element("tbody"), fresh: true };
  table.node = element("table");
  const head = element("thead");
  head.append(table.head);
  table.node.append(head, table.body);
  table.more = button("more");
  table.scroller.append(table.node, table.more);
  root.append(table.scroller);
  table.scroller.addEventListener("scroll", () => note(table));
  new ResizeObserver(() => comeBack(table)).observe(table.node);
  table.head.addEventListener("click", ({ target }) => {
    const heading = target.closest("th");
    if (heading) table.tell("sort", heading.dataset.name);
  });
  // Enter and Space press the row's button, and that is a click as well.
  table.body.addEventListener("click", ({ target }) => {
    const row = target.closest("tr");
    if (row && !String(window.getSelection())) table.tell("open", row.dataset.id);
  });
  table.body.addEventListener("keydown", (event) => walk(table, event));
  table.more.addEventListener("click", () => table.keep("most", table.data.ids.length + table.data.more));
  return table;
}

// Where each table was, by address: Back builds the page anew, and nobody wants to look for the place again.
function places() {
  return (window.sqidPlaces ??= new Map());
}

function placeOf(table) {
  return `${table.data.key} ${table.data.place || window.location.href}`;
}

// One stop for Tab; the arrows go on from there, and neither opens anything.
function walk(table, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const opens = [...table.body.querySelectorAll(".open")];
  const next = step && opens[opens.indexOf(event.target.closest(".open")) + step];
  if (!next) return;
  event.preventDefault();
  stopAt(opens, next);
  next.focus();
}

function stopAt(opens, chosen) {
  for (const each of opens) each.tabIndex = each === chosen ? 0 : -1;
}

function draw(table, data) {
  const before = table.data?.order;
  const focused = table.root.getRootNode().activeElement?.closest?.("tr")?.dataset.id;
  table.data = data;
  table.node.setAttribute("aria-label", data.name);
  table.scroller.style.maxHeight = `${data.height}px`;
  table.head.replaceChildren(...data.columns.map((column) => heading(column, data.order)));
  table.body.replaceChildren(...data.ids.map((id, row) => line(data, id, row)));
  const opens = [...table.body.querySelectorAll(".open")];
  stopAt(opens, opens[Math.max(data.ids.indexOf(focused ?? data.current), 0)]);
  if (focused !== undefined) opens[data.ids.indexOf(focused)]?.focus({ preventScroll: true });
  const left = data.total - data.ids.length;
  table.more.hidden = left <= 0;
  write(table.more, `Show ${Math.min(left, data.more)} more of ${data.total}`);
  if (before !== undefined && before !== data.order) places().set(placeOf(table), 0);
  comeBack(table);
}

// Keeps where the reader scrolled to. A table without its style or all its rows yet is shorter, and its place cut short:
// that is nobody's wish.
function note(table) {
  const { scrollTop, scrollHeight, clientHeight } = table.scroller, end = scrollHeight - clientHeight;
  if (scrollTop === table.set || (scrollTop >= end - 1 && place(table) > end)) return;
  table.fresh = table.set = false;
  places().set(placeOf(table), scrollTop);
}

function place(table) {
  return places().get(placeOf(table)) ?? 0;
}

function comeBack(table) {
  table.scroller.scrollTop = place(table);
  if (table.fresh) reveal(table);
  table.set = table.scroller.scrollTop;
}

// Whoever comes back finds the row that was opened last, in the table and in the page.
function reveal(table) {
  const row = table.body.querySelector("[aria-current]");
  if (!row) return;
  const { scroller } = table, top = row.offsetTop, end = top + row.offsetHeight;
  const head = table.head.offsetHeight;
  if (top - head < scroller.scrollTop) scroller.scrollTop = top - head;
  else if (end > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = end - scroller.clientHeight;
}

function heading(column, order) {
  const node = element("th", column.kind);
  const by = column.by || column.name;
  const sorted = { [by]: "ascending", [`-${by}`]: "descending" }[order];
  node.scope = "col";
  node.dataset.name = column.name;
  if (column.width) node.style.minWidth = node.style.maxWidth = `${column.width}px`;
  node.setAttribute("aria-sort", sorted ?? "none");
  const press = button("sort", column.title);
  press.title = column.help;
  press.append(element("span", "arrow", { ascending: "▲", descending: "▼" }[sorted] ?? ""));
  node.append(press);
  return node;
}

function line(data, id, row) {
  const { current } = data;
  const node = element("tr");
  node.dataset.id = id;
  if (id === current) node.setAttribute("aria-current", "true");
  let named = false;
  for (const column of data.columns) {
    const value = data.cells[column.name][row];
    const cell = element("td", column.whole ? `${column.kind} whole` : column.kind);
    if (column.width && !column.whole) cell.style.maxWidth = `${column.width}px`;
    if (column.kind === "picture") {
      const source = safeAddress(value);
      if (source) cell.append(image(source));
    } else if (column.kind === "text" && !named) {
      named = true;
      cell.append(button("open", value || "–"));
    } else write(cell, shown(column, value));
    if (column.kind === "text") cell.title = value ?? "";
    node.append(cell);
  }
  return node;
}

function shown({ kind, digits, signed }, value) {
  if (value === null) return kind === "flag" ? "" : "–";
  if (kind === "flag") return value ? "yes" : "";
  if (kind !== "number") return value;
  const text = digits === null ? value.toLocaleString("en-US") : value.toFixed(digits);
  return signed && value > 0 ? `+${text}` : text;
}
