// The numbers above the lists: what each ranking is worth, live.

// One row: its name, and what it says of a list's measures. difference: against the list that the others are compared to.
const SLATE_ROWS = [
  { name: "NDCG", strong: true, says: (m) => fixed(m.ndcg, 4) },
  { name: "NDCG@10", says: (m) => fixed(m.ndcgCut, 4) },
  { name: "P@10", says: (m) => fixed(m.precision, 2) },
];
const catalogueRows = (k) => [
  { name: `NDCG@${k}`, strong: true, says: (m) => `${fixed(m.low, 2)} / ${fixed(m.high, 2)}` },
  { name: "Judged", says: (m) => (Number.isNaN(m.judgedShare) ? "–" : `${Math.round(100 * m.judgedShare)}%`) },
  { name: "P@10", says: (m) => fixed(m.precision, 2) },
];

function newNumbers() {
  const numbers = { root: element("div", "numbers"), table: element("table"), head: element("tr"), body: element("tbody"), shape: "", cells: [] };
  const head = element("thead");
  head.append(numbers.head);
  numbers.table.append(head, numbers.body);
  numbers.note = element("p", "numbers-note");
  numbers.root.append(numbers.table, numbers.note);
  return numbers;
}

// Lays the table out anew only where lists or rows have changed.
function drawNumbers(numbers, data) {
  numbers.root.hidden = !data.judging;
  if (!data.judging) return;
  write(numbers.note, data.judging.note);
  const rows = data.judging.complete ? SLATE_ROWS : catalogueRows(data.shown);
  const shape = JSON.stringify([data.lists.map((list) => [list.key, list.name]), rows.map((row) => row.name), data.judging.against]);
  if (shape === numbers.shape) return;
  numbers.shape = shape;
  const corner = element("td");
  numbers.head.replaceChildren(corner, ...data.lists.map((list) => headCell(list)));
  numbers.rows = rows.map((row) => ({ ...row, cells: data.lists.map(() => element("span", row.strong ? "cell strong" : "cell")) }));
  if (data.judging.against && data.judging.complete) numbers.rows.splice(1, 0, differenceRow(data));
  numbers.mixes = data.lists.map(() => element("span", "cell mix"));
  numbers.body.replaceChildren(
    ...numbers.rows.map((row) => tableRow(row.name, row.cells)),
    tableRow("First 10", numbers.mixes),
  );
}

function differenceRow(data) {
  const { key, name } = data.judging.against;
  return { name, cells: data.lists.map(() => element("span", "cell difference")), against: key };
}

function headCell(list) {
  const cell = element("th", "list-name");
  cell.scope = "col";
  cell.dataset.key = list.key;
  cell.textContent = list.name;
  return cell;
}

function tableRow(name, cells) {
  const row = element("tr");
  const head = element("th");
  head.scope = "row";
  head.textContent = name;
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
function showNumbers(numbers, data, measures) {
  if (!data.judging) return;
  for (const row of numbers.rows)
    data.lists.forEach((list, i) => {
      const own = measures[list.key];
      if (row.against) showDifference(row.cells[i], measures[row.against].ndcg - own.ndcg, list.key === row.against);
      else write(row.cells[i], row.says(own));
    });
  data.lists.forEach((list, i) => showMix(numbers.mixes[i], measures[list.key].mix, data.scale));
}

function showDifference(cell, difference, itself) {
  const rounded = Number(difference.toFixed(4));
  write(cell, itself || Number.isNaN(difference) ? "" : `${rounded >= 0 ? "+" : "−"}${Math.abs(rounded).toFixed(4)}`);
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

function fixed(value, decimals) {
  return Number.isNaN(value) ? "–" : value.toFixed(decimals);
}
