// Pictures by their address. Titles and addresses come from strangers: textContent and checked URLs only. Runs at every
// rerun of the page, so it draws anew only what changed.

const drawn = new WeakMap();
const tellers = new WeakMap();

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const strip = parentElement.querySelector(".strip");
  if (!strip || !data) return;
  tellers.set(strip, setTriggerValue);
  const told = JSON.stringify(data);
  if (drawn.get(strip) === told) return;
  drawn.set(strip, told);
  strip.style.setProperty("--side", `${data.side}px`);
  strip.replaceChildren(...data.pictures.map((picture) => drawPicture(picture, data, (id) => tellers.get(strip)("open", id))));
}

function drawPicture(picture, data, open) {
  const item = element(data.opens ? "button" : "div", "picture");
  const frame = element("div", "frame");
  const source = safeAddress(picture.address);
  if (source) {
    const image = document.createElement("img");
    image.alt = data.captions ? "" : picture.title;
    image.loading = "lazy";
    image.referrerPolicy = "no-referrer";
    image.onerror = () => empty(frame, "Picture not available");
    image.src = source;
    frame.append(image);
  } else {
    empty(frame, "No picture");
  }
  item.append(frame);
  if (data.captions) {
    const title = element("span", "title", picture.title);
    title.dir = "auto";
    item.append(title);
    if (picture.note) item.append(element("span", "note", picture.note));
  }
  if (data.opens) {
    item.type = "button";
    item.title = picture.title;
    item.addEventListener("click", () => open(picture.id));
  }
  return item;
}

function empty(frame, text) {
  frame.replaceChildren(document.createTextNode(text));
  frame.classList.add("empty");
}

function element(tag, name, text = "") {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;
  return node;
}
