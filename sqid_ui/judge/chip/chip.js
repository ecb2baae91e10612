// One product's label as a chip that judges, where no board stands around it.
import { element, write } from "../../parts/browser/elements.js";
import { kept } from "../../parts/browser/kept.js";
import { dressChip, newChoosing, openChoosing, takeLabelling } from "./choosing.js";

export default function (component) {
  const shown = kept(component, ".chip", newShown);
  if (!shown) return;
  shown.data = component.data;
  takeLabelling(shown.choosing, component.data.labelling, component.data.scale);
  draw(shown);
}

function newShown(root) {
  const shown = { chip: element("span", "chip"), letter: element("b", "letter"), label: element("span", "label") };
  shown.chip.append(shown.letter, shown.label);
  root.append(shown.chip);
  shown.choosing = newChoosing(root, () => draw(shown));
  const open = (event) => {
    event.preventDefault();
    event.stopPropagation();
    openChoosing(shown.choosing, shown.chip, shown.data.product, shown.data.title);
  };
  shown.chip.addEventListener("click", open);
  shown.chip.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && open(event));
  return shown;
}

function draw({ chip, letter, label, choosing, data }) {
  const judged = data.label >= 0;
  write(letter, judged ? data.scale.letters[data.label] : "–");
  write(label, judged ? data.scale.names[data.label] : "Unjudged");
  chip.style.setProperty("--label", judged ? data.scale.colors[data.label] : "");
  dressChip(choosing, chip, data.product);
}
