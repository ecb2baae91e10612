// Pictures by their address. Titles and addresses come from strangers: textContent and checked URLs only. Runs at every
// rerun of the page, so it draws anew only what changed.
import { button, element } from "../browser/elements.js";
import { BROKEN_PICTURE, NO_PICTURE, image } from "../browser/images.js";
import { kept } from "../browser/kept.js";
import { safeAddress } from "../browser/safe_address.js";

export default function (component) {
  const { data } = component;
  const strip = kept(component, ".strip", (root) => ({ root, drawn: null }));
  if (!strip) return;
  strip.tell = component.setTriggerValue;
  const told = JSON.stringify(data);
  if (strip.drawn === told) return;
  strip.drawn = told;
  strip.root.style.setProperty("--side", `${data.side}px`);
  strip.root.replaceChildren(...data.pictures.map((picture) => drawPicture(picture, data, (id) => strip.tell("open", id))));
}

function drawPicture(picture, data, open) {
  const item = data.opens ? button("picture") : element("div", "picture");
  const frame = element("div", "frame");
  const source = safeAddress(picture.address);
  if (source) {
    const shown = image(source, data.captions ? "" : picture.title);
    shown.onerror = () => empty(frame, BROKEN_PICTURE);
    frame.append(shown);
  } else {
    empty(frame, NO_PICTURE);
  }
  item.append(frame);
  if (data.captions) {
    const title = element("span", "title", picture.title);
    title.dir = "auto";
    item.append(title);
    if (picture.note) item.append(element("span", "note", picture.note));
  }
  if (data.opens) {
    item.title = picture.title;
    item.addEventListener("click", () => open(picture.id));
  }
  return item;
}

function empty(frame, text) {
  frame.replaceChildren(document.createTextNode(text));
  frame.classList.add("empty");
}
