// The numbers above the lists: what each ranking is worth, live.
import { element, write } from "../browser/elements.js";
import { signed } from "../browser/format.js";
import { explain } from "../browser/terms.js";
import { measuresOf } from "./measures.js";

export function newNumbers() {
  const numbers = { root: element("div", "numbers"), table: element("table"), head: element("tr"), body: element("tbody"), shape: "", cells: [], open: wereOpen() };
  const head = element("thead");
  head.append(numbers.head);
  numbers.table.append(head, numbers.body);
  numbers.note = element("p", "numbers-note");
  numbers.root.append(numbers.table, numbers.note);
  return numbers;
}

// One number a list stands above it; the others come on demand, but where there is no slider to ask beside.
const CHOICE = "sqid numbers";

export function openNumbers(board) {
  const { data, numbers, toggle } = board;
  const open = !data.columns || numbers.open;
  numbers.root.hidden = !open || !(data.judging || data.curve);
  toggle.hidden = !(data.judging || data.curve);
  toggle.setAttribute("aria-expanded", String(open));
  write(toggle, open ? "Fewer numbers" : "More numbers");
}

export function toggleNumbers(board) {
  board.numbers.open = !board.numbers.open;
  try {
    localStorage.setItem(CHOICE, board.numbers.open ? "open" : "");
  } catch {
    // A browser that keeps nothing: the choice holds for this board.
  }
  openNumbers(board);
}

function wereOpen() {
  try {
    return localStorage.getItem(CHOICE) === "open";
  } catch {
    return false;
  }
}

// Lays the table out anew only where lists or rows have changed.
export function drawNumbers(numbers, data) {
  numbers.table.hidden = numbers.note.hidden = !data.judging;
  if (!data.judging) return;
  write(numbers.note, data.judging.note);
  const measures = measuresOf(data.judging);
  const names = measures.map(({ name }) => name(data.shown));
  const shape = JSON.stringify([data.lists.map((list) => [list.key, list.name]), names, data.judging.against]);
  if (shape === numbers.shape) return;
  numbers.shape = shape;
  const corner = element("td");
  numbers.head.replaceChildren(corner, ...data.lists.map((list) => headCell(list)));
  numbers.rows = measures.map((one, i) => {
    const style = i ? "cell" : "cell strong";
    return { name: names[i], key: one.key, says: one.says, cells: data.lists.map(() => element("span", style)) };
  });
  if (data.judging.against) numbers.rows.splice(1, 0, differenceRow(data, measures[0]));
  numbers.mixes = data.lists.map(() => element("span", "cell mix"));
  numbers.body.replaceChildren(
    ...numbers.rows.map((row) => tableRow(row.name, row.cells, data.terms)),
    tableRow("First 10", numbers.mixes, data.terms),
  );
}

function differenceRow(data, measure) {
  const { key: against, name } = data.judging.against;
  return { name, key: measure.key, against, cells: data.lists.map(() => element("span", "cell difference")) };
}

function headCell(list) {
  const cell = element("th", "list-name", list.name);
  cell.scope = "col";
  cell.dataset.key = list.key;
  return cell;
}

function tableRow(name, cells, terms) {
  const row = element("tr");
  const head = element("th");
  head.append(explain(element("span", "", name), name, terms));
  head.scope = "row";
  row.append(
    head,
    ...cells.map((content) => {
      const cell = element("td");
      cell.append(content);
      return cell;
    }),
  );
  return row;
}

// measures: by list key. On every frame.
export function showNumbers(numbers, data, measures) {
  if (!data.judging) return;
  for (const row of numbers.rows)
    data.lists.forEach((list, i) => {
      const own = measures[list.key][row.key];
      if (row.against) showDifference(row.cells[i], measures[row.against][row.key] - own, list.key === row.against);
      else write(row.cells[i], row.says(own));
    });
  data.lists.forEach((list, i) => showMix(numbers.mixes[i], measures[list.key].mix, data.scale));
}

export function showDifference(cell, difference, itself) {
  const rounded = Number(difference.toFixed(4));
  write(cell, itself || Number.isNaN(difference) ? "" : signed(rounded));
  cell.classList.toggle("up", !itself && rounded > 0);
  cell.classList.toggle("down", !itself && rounded < 0);
}

// A bar of the labels among the first ten, each part with its letter and count.
function showMix(cell, mix, scale) {
  const key = mix.join();
  if (cell.dataset.mix === key) return;
  cell.dataset.mix = key;
  const bar = element("span", "bar");
  mix.forEach((count, label) => {
    if (!count) return;
    const part = element("span", label < scale.letters.length ? "part" : "part unjudged");
    part.style.flexGrow = count;
    if (label < scale.letters.length) part.style.setProperty("--label", scale.colors[label]);
    part.textContent = label < scale.letters.length ? `${scale.letters[label]}${count}` : `${count}`;
    part.title = `${count} ${label < scale.letters.length ? scale.names[label] : "unjudged"}`;
    bar.append(part);
  });
  cell.replaceChildren(bar);
}
