// Making and changing nodes. Texts come from strangers: they reach the page by textContent only.

export function element(tag, name = "", text = "") {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
}

export function button(name, text = "") {
  const node = element("button", name, text);
  node.type = "button";
  return node;
}

// A button that does something by itself; others leave that to the list they stand in.
export function action(text, act) {
  const node = button("action", text);
  node.addEventListener("click", act);
  return node;
}

// Touches the node only where its text is another: whoever writes on every frame must not lay out anew for nothing. Its
// one text is changed in place: a new one would be styled and laid out as something that was not there before.
export function write(node, text) {
  const wanted = text == null ? "" : String(text);
  if (node.textContent === wanted) return;
  const only = node.firstChild;
  if (only && only === node.lastChild && only.nodeType === Node.TEXT_NODE) only.data = wanted;
  else node.textContent = wanted;
}
