// A stretch of the queue. Runs again at every rerun: finds its own rows and changes only what differs.
import { button, element, write } from "../../parts/browser/elements.js";
import { percent, signed } from "../../parts/browser/format.js";
import { kept } from "../../parts/browser/kept.js";

export default function (component) {
  const queue = kept(component, ".queue", newQueue);
  if (!queue) return;
  queue.tell = component.setTriggerValue;
  draw(queue, component.data);
}

function newQueue(root) {
  const queue = { root, list: element("ol", "rows"), rows: [], shown: null };
  queue.list.setAttribute("aria-label", "Queue of queries");
  root.append(queue.list);
  queue.list.addEventListener("click", (event) => {
    const row = event.target.closest("button");
    if (row) queue.tell("picked", row.dataset.query);
  });
  return queue;
}

function draw(queue, data) {
  while (queue.rows.length < data.id.length) queue.rows.push(newRow(queue.list));
  while (queue.rows.length > data.id.length) queue.rows.pop().item.remove();
  data.id.forEach((id, i) => {
    const row = queue.rows[i];
    const current = id === data.shown;
    row.button.dataset.query = id;
    row.button.setAttribute("aria-current", String(current));
    write(row.place, String(data.first + i));
    write(row.text, data.text[i]);
    write(row.value, signed(data.difference[i]));
    row.item.classList.toggle("up", data.difference[i] > 0);
    row.bar.style.width = percent(Math.abs(data.difference[i]) / data.largest);
    if (current && queue.shown !== id) reveal(queue, row.item);
  });
  queue.shown = data.shown;
}

// Scrolls the list alone: the page stays where the reader is.
function reveal(queue, item) {
  requestAnimationFrame(() => {
    const { list } = queue;
    const above = item.offsetTop - list.offsetTop;
    if (above < list.scrollTop + item.offsetHeight) list.scrollTop = above - item.offsetHeight;
    else if (above + 2 * item.offsetHeight > list.scrollTop + list.clientHeight)
      list.scrollTop = above + 2 * item.offsetHeight - list.clientHeight;
  });
}

function newRow(list) {
  const row = { item: element("li", "row"), button: button("pick"), bar: element("span", "bar") };
  row.place = element("span", "place");
  row.text = element("span", "text");
  row.text.dir = "auto";
  row.value = element("span", "value");
  row.button.append(row.place, row.text, row.value, row.bar);
  row.item.append(row.button);
  list.append(row.item);
  return row;
}
