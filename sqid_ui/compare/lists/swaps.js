// The swaps between two rankings of one slate. Titles come from strangers: they reach the page by textContent only.
import { button, element, write } from "../../parts/browser/elements.js";
import { image } from "../../parts/browser/images.js";
import { percent, signed } from "../../parts/browser/format.js";
import { kept } from "../../parts/browser/kept.js";
import { safeAddress } from "../../parts/browser/safe_address.js";

const FIRST = 8;

export default function (component) {
  const list = kept(component, ".swaps", newList);
  if (!list) return;
  if (list.query !== component.data.query) list.all = false;
  list.query = component.data.query;
  list.data = component.data;
  draw(list);
}

function newList(root) {
  const list = { root, all: false, query: null, causes: element("ul", "causes"), rows: element("ol", "rows") };
  list.causes.setAttribute("aria-label", "What caused the difference");
  list.rows.setAttribute("aria-label", "Swaps, the largest first");
  list.rest = element("p", "rest");
  list.restText = element("span", "text");
  list.restValue = element("span", "value");
  list.more = button("more");
  list.more.addEventListener("click", () => {
    list.all = !list.all;
    draw(list);
  });
  list.rest.append(list.restValue, list.restText, list.more);
  list.sum = element("p", "sum");
  list.sumText = element("span", "text");
  list.sumValue = element("span", "value");
  list.sum.append(list.sumValue, list.sumText);
  list.fall = element("p", "fall");
  list.fall.dir = "auto";
  root.append(list.fall, list.causes, list.rows, list.rest, list.sum);
  return list;
}

function draw(list) {
  const { data } = list;
  write(list.fall, data.fall);
  list.fall.hidden = !data.fall;
  list.causes.replaceChildren(...data.causes.map(cause));
  const count = list.all ? data.contribution.length : Math.min(FIRST, data.contribution.length);
  list.rows.replaceChildren(...Array.from({ length: count }, (_, i) => swap(data, i)));
  const shown = data.contribution.slice(0, count).reduce((sum, value) => sum + value, 0);
  const left = data.count - count;
  list.rest.hidden = data.count <= FIRST;
  write(list.restText, left ? `${left.toLocaleString("en")} smaller ${left === 1 ? "swap" : "swaps"}` : "");
  write(list.restValue, left ? signed(data.sum - shown) : "");
  list.restValue.dataset.exact = data.sum - shown;
  list.more.hidden = data.contribution.length <= FIRST;
  write(list.more, list.all ? "Show fewer" : `Show ${data.contribution.length - FIRST} more`);
  write(list.sumValue, signed(data.sum));
  list.sumValue.dataset.exact = data.sum;
  write(list.sumText, data.sentence);
}

function cause({ name, kind, sum }) {
  const item = element("li", `cause ${kind}`);
  item.append(element("span", "name", name), element("span", "value", signed(sum)));
  return item;
}

function swap(data, i) {
  const row = element("li", data.contribution[i] > 0 ? "row up" : "row");
  const value = element("span", "value", signed(data.contribution[i]));
  value.dataset.exact = data.contribution[i];
  const bar = element("span", "bar");
  bar.style.width = percent(Math.abs(data.contribution[i]) / data.largest);
  const share = element("span", "share");
  share.title = `They changed places at ranks ${data.rank[i]} and ${data.rank[i] + 1}`;
  share.append(value, bar);
  const pair = element("span", "pair");
  const lines = [product(data, data.up[i], "▲", "went up"), product(data, data.down[i], "▼", "went down")];
  // The share stands beside the product that moved further.
  lines[data.moved[i] ? 0 : 1].prepend(share);
  pair.append(...lines);
  const why = element("span", "why");
  why.append(element("span", `cause ${data.kind[i]}`, data.cause[i]), ...data.differs[i].map(difference));
  row.append(pair, why);
  return row;
}

// What the two products differ in, that of the one that went up first.
function difference([name, one, other]) {
  const chip = element("span", "differs");
  chip.append(element("b", "", name), element("span", "", ` ${one || "none"} / ${other || "none"}`));
  chip.dir = "auto";
  return chip;
}

function picture(address) {
  const thumb = element("span", "thumb");
  const source = safeAddress(address);
  if (source) thumb.append(image(source));
  else thumb.title = "No picture";
  return thumb;
}

function product(data, p, mark, went) {
  const { products, scale } = data;
  const line = element("span", `product ${mark === "▲" ? "rose" : "fell"}`);
  const arrow = element("span", "arrow", mark);
  arrow.setAttribute("role", "img");
  arrow.setAttribute("aria-label", went);
  const label = products.label[p];
  const letter = element("b", "letter", scale.letters[label]);
  letter.style.setProperty("--label", scale.colors[label]);
  letter.title = scale.names[label];
  const title = element("span", "title");
  title.dir = "auto";
  title.title = products.title[p].join("");
  title.append(...products.title[p].map((piece, i) => (i % 2 ? element("mark", "", piece) : document.createTextNode(piece))));
  line.dataset.product = products.id[p];
  line.append(arrow, picture(products.picture[p]), letter, title, element("span", "ranks", `#${products.a[p]} → #${products.b[p]}`));
  return line;
}
