// What is asked, in a line that stays below the header once the headline is out of sight. The headline says it to
// screen readers: here it is for the eye alone.
import { element, write } from "../browser/elements.js";
import { kept } from "../browser/kept.js";

const HEADLINE = ".st-key-headline :is(h1, h2)";

export default function (component) {
  const line = kept(component, ".asked", newLine);
  if (!line) return;
  write(line.name, component.data.name);
  line.name.title = component.data.name;
  look(line);
}

function newLine(root) {
  const line = { root, name: element("p", "name") };
  line.name.dir = "auto";
  root.setAttribute("aria-hidden", "true");
  root.hidden = true;
  root.append(line.name);
  const onScroll = () => (root.isConnected ? look(line) : stop());
  const stop = () => document.removeEventListener("scroll", onScroll, true);
  // What scrolls is a part of the page: its events do not bubble, but they can be caught on their way down.
  document.addEventListener("scroll", onScroll, { capture: true, passive: true });
  return line;
}

// Asked for anew each time: a rerun may have put another headline in its place.
function look(line) {
  const headline = document.querySelector(HEADLINE);
  const header = document.querySelector("[data-testid=stHeader]");
  line.root.hidden = !headline || bottom(headline) > (header ? bottom(header) : 0);
}

function bottom(node) {
  return node.getBoundingClientRect().bottom;
}
