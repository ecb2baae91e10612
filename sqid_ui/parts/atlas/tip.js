// What lies under the pointer: its picture, its title. Fetched when it is asked for, once each; everything in it comes
// from strangers.
import { element, write } from "../browser/elements.js";
import { BROKEN_PICTURE, NO_PICTURE, image } from "../browser/images.js";
import { safeAddress } from "../browser/safe_address.js";

const MOST_KEPT = 500;
// A pointer that passes by asks nothing.
const REST = 60;

export function newTip() {
  const tip = { root: element("div", "tip"), known: new Map(), wanted: -1, timer: 0 };
  tip.root.hidden = true;
  tip.frame = element("div", "frame");
  tip.title = element("p", "title");
  tip.title.dir = "auto";
  tip.note = element("p", "note");
  tip.root.append(tip.frame, tip.title, tip.note);
  tip.root.setAttribute("role", "status");
  return tip;
}

export function showTip(atlas, place) {
  const { tip } = atlas;
  clearTimeout(tip.timer);
  tip.wanted = place;
  if (place < 0) {
    tip.root.hidden = true;
    return;
  }
  tip.timer = setTimeout(async () => {
    const found = await asked(atlas, place).catch(() => null);
    if (found && tip.wanted === place) draw(atlas, place, found);
  }, REST);
}

async function asked(atlas, place) {
  const { known } = atlas.tip;
  const path = place < atlas.points.products ? `products/${atlas.points.rows[place]}` : `queries/${place - atlas.points.products}`;
  const address = new URL(`${atlas.data.facts}/${path}`, document.baseURI).href;
  if (!known.has(address)) {
    const answer = await fetch(address);
    if (!answer.ok) return null;
    known.set(address, await answer.json());
    if (known.size > MOST_KEPT) known.delete(known.keys().next().value);
  }
  return known.get(address);
}

function draw(atlas, place, found) {
  const { tip, points, data } = atlas;
  const isQuery = place >= points.products;
  tip.frame.hidden = isQuery;
  if (!isQuery) {
    const source = safeAddress(found.picture);
    tip.frame.classList.toggle("empty", !source);
    tip.frame.replaceChildren(source ? picture(tip, source) : document.createTextNode(NO_PICTURE));
  }
  write(tip.title, found.title);
  const ndcg = isQuery ? data.ndcg?.[place - points.products] : null;
  write(tip.note, isQuery ? `Query${ndcg == null ? "" : ` · NDCG ${(ndcg / 100).toFixed(2)}`} · press to light up its results` : found.note);
  const [x, y] = atlas.plot.getScreenPosition(place) ?? [0, 0];
  tip.root.hidden = false;
  const { clientWidth, clientHeight } = atlas.stage;
  const { offsetWidth, offsetHeight } = tip.root;
  tip.root.style.left = `${Math.max(4, Math.min(x + 14, clientWidth - offsetWidth - 4))}px`;
  tip.root.style.top = `${y + 14 + offsetHeight < clientHeight ? y + 14 : Math.max(4, y - offsetHeight - 14)}px`;
}

function picture(tip, source) {
  const shown = image(source);
  shown.loading = "eager";
  shown.onerror = () => {
    tip.frame.classList.add("empty");
    tip.frame.replaceChildren(document.createTextNode(BROKEN_PICTURE));
  };
  return shown;
}
