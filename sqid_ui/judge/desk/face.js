// What is shown of a pair: the query, the picture, what is known of the product. All texts come from strangers.
import { button, element, write } from "../../parts/browser/elements.js";
import { BROKEN_PICTURE, NO_PICTURE, image } from "../../parts/browser/images.js";
import { safeAddress } from "../../parts/browser/safe_address.js";

const LONG = 240;

export function newFace(describe) {
  const face = { query: element("h2", "query"), thumb: element("div", "thumb"), product: element("div", "product"), item: null };
  face.query.dir = "auto";
  face.title = element("p", "title");
  face.title.dir = "auto";
  face.facts = element("dl", "facts");
  face.more = button("more", "Description");
  face.more.setAttribute("aria-keyshortcuts", "D");
  face.more.title = "Key D";
  face.more.addEventListener("click", () => describe());
  face.text = element("p", "description");
  face.text.dir = "auto";
  face.text.tabIndex = 0;
  face.product.append(face.title, face.facts, face.more, face.text);
  return face;
}

// Another pair, or the same with more known of it.
export function drawFace(face, item) {
  if (face.item === item) return;
  face.item = item;
  fit(face.query, item.query || "No text");
  fit(face.title, item.title || "No title");
  face.facts.replaceChildren(...item.facts.flatMap(([name, text]) => [element("dt", "", name), fact(text)]));
  face.thumb.replaceChildren(pictureOf(item));
  drawDescription(face, false, "");
}

export function drawDescription(face, open, text) {
  face.more.setAttribute("aria-expanded", String(open));
  face.text.hidden = !open;
  write(face.text, text);
}

function fact(text) {
  const node = element("dd");
  node.dir = "auto";
  fit(node, text);
  return node;
}

// A long text has a window of its own, through which the keyboard scrolls.
function fit(node, text) {
  write(node, text);
  const long = text.length > LONG;
  node.classList.toggle("long", long);
  if (long) node.tabIndex = 0;
  else node.removeAttribute("tabindex");
}

// The picture's node is made, and its file asked for, before the pair is shown.
export function pictureOf(item) {
  if (item.node) return item.node;
  const source = safeAddress(item.picture);
  item.node = source ? image(source) : element("span", "none", NO_PICTURE);
  if (!source) return item.node;
  item.node.loading = "eager";
  item.node.decoding = "async";
  item.node.alt = "";
  item.node.addEventListener("error", () => {
    const said = element("span", "none", BROKEN_PICTURE);
    item.node.replaceWith(said);
    item.node = said;
  });
  return item.node;
}
