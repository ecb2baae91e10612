// The slider, and whose weight counts: a rerun never disturbs one that is being moved, and the page hears of it on
// release, or a quarter of a second after the last key. What is told is numbered, and the page says which number it has
// heard: one that draws an older weight, late, is not listened to.
import { action, element } from "../browser/elements.js";
import { toggleNumbers } from "./numbers.js";

const AFTER_LAST_KEY = 250;

// board: its schedule() ranks in the next frame, its rest() once the weight stands still.
export function addSlider(board) {
  board.steer = element("div", "steer");
  board.reading = element("div", "steer-readout");
  board.reading.append((board.readout = element("p")));
  board.slider = element("input", "slider");
  Object.assign(board.slider, { type: "range", min: 0, max: 1, step: 0.01 });
  board.slider.setAttribute("aria-label", "Image weight");
  board.jumps = element("div", "jumps");
  board.toggle = action("More numbers", () => toggleNumbers(board));
  board.toggle.classList.add("more");
  const below = element("div", "below");
  below.append(board.reading, board.jumps, board.toggle);
  board.bands = element("div", "bands");
  const track = element("div", "track");
  track.append(board.bands, board.slider);
  board.steer.append(element("span", "end text", "Text"), track, element("span", "end image", "Image"), below);
  new ResizeObserver(() => board.root.style.setProperty("--above", `${board.steer.offsetHeight}px`)).observe(board.steer);
  const slider = board.slider;
  slider.addEventListener("pointerdown", () => (board.held = true));
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    slider.addEventListener(end, () => {
      board.held = false;
      commit(board);
    });
  slider.addEventListener("input", () => {
    board.weight = Number(slider.value);
    board.schedule();
  });
  slider.addEventListener("change", () => {
    if (board.held) return;
    clearTimeout(board.keyTimer);
    board.keyTimer = setTimeout(() => commit(board), AFTER_LAST_KEY);
  });
}

// The page's weight counts, unless a newer one is being set here.
export function takeWeight(board, data) {
  if (board.held || board.keyTimer || data.heard < board.told) return;
  board.told = data.heard;
  board.weight = board.committed = data.weight;
  board.slider.value = data.weight;
}

function commit(board) {
  clearTimeout(board.keyTimer);
  board.keyTimer = 0;
  if (board.held || board.weight === board.committed) return;
  board.committed = board.weight;
  board.told += 1;
  board.rest();
  board.component.setStateValue("told", { number: board.told, weight: board.weight });
}

export function jump(board, weight) {
  board.weight = weight;
  board.slider.value = weight;
  board.schedule();
  commit(board);
}
