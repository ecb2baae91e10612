// A stranger's picture: fetched when it comes near the screen, without telling whose page it stands on.
import { element } from "./elements.js";

export const NO_PICTURE = "No picture";
export const BROKEN_PICTURE = "Picture not available";

// source: what safeAddress gives.
export function image(source, alt = "") {
  const node = element("img");
  node.alt = alt;
  node.loading = "lazy";
  node.referrerPolicy = "no-referrer";
  node.src = source;
  return node;
}
