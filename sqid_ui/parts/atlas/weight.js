// The weight of the fused list: moved here on every frame, told to the page on release. As on the board, what is told is
// numbered, and a page that draws an older weight, late, is not listened to.
import { element } from "../browser/elements.js";

const AFTER_LAST_KEY = 250;

export function addWeight(atlas) {
  Object.assign(atlas, { held: false, timer: 0, told: 0, committed: 0.5 });
  atlas.steer = element("div", "steer");
  atlas.slider = element("input", "slider");
  Object.assign(atlas.slider, { type: "range", min: 0, max: 1, step: 0.01 });
  atlas.slider.setAttribute("aria-label", "Image weight");
  atlas.readout = element("p", "readout");
  atlas.steer.append(element("span", "end text", "Text"), atlas.slider, element("span", "end image", "Image"), atlas.readout);
  atlas.slider.addEventListener("pointerdown", () => (atlas.held = true));
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    atlas.slider.addEventListener(end, () => {
      atlas.held = false;
      commit(atlas);
    });
  atlas.slider.addEventListener("input", () => {
    atlas.weight = Number(atlas.slider.value);
    atlas.schedule();
  });
  atlas.slider.addEventListener("change", () => {
    if (atlas.held) return;
    clearTimeout(atlas.timer);
    atlas.timer = setTimeout(() => commit(atlas), AFTER_LAST_KEY);
  });
}

export function takeWeight(atlas, data) {
  atlas.steer.hidden = !data.lists?.columns;
  if (data.weight === null || atlas.held || atlas.timer || data.heard < atlas.told) return;
  atlas.told = data.heard;
  atlas.weight = atlas.committed = data.weight;
  atlas.slider.value = data.weight;
}

function commit(atlas) {
  clearTimeout(atlas.timer);
  atlas.timer = 0;
  if (atlas.held || atlas.weight === atlas.committed) return;
  atlas.committed = atlas.weight;
  atlas.told += 1;
  atlas.component.setStateValue("told", { number: atlas.told, weight: atlas.weight });
}
