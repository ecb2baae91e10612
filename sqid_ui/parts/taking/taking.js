// The buttons that make a picture of a figure: plotly's own export, the one behind its modebar; a curve that is no
// figure of plotly's is drawn for the file. Below the plot stands what its numbers rest on.
import { action, element } from "../browser/elements.js";
import { kept } from "../browser/kept.js";
import { curvePicture } from "./curve_picture.js";
import { LETTER, LINE, escaped, wrapped } from "./small_print.js";

const FORMATS = { PNG: "png", SVG: "svg" };
const TITLE = 34;
const PATIENCE = 20_000;

export default function (component) {
  const taking = kept(component, ".taking", newButtons);
  if (taking) taking.data = component.data;
}

function newButtons(root) {
  const taking = { data: null };
  root.append(...Object.entries(FORMATS).map(([name, format]) => action(name, () => take(taking.data, format))));
  return taking;
}

async function take(data, format) {
  if (data.curve) return takeCurve(data, format);
  const { plot, camera } = await drawn(data.figure);
  if (!camera) return;
  const before = { layout: plot.layout, options: plot._context.toImageButtonOptions };
  const made = withHeading(plot, data);
  // Plotly copies the layout at once, before it draws the picture elsewhere: what is on the page stays as it is.
  plot.layout = made.layout;
  plot._context.toImageButtonOptions = { format, filename: data.file, scale: format === "png" ? 2 : 1, width: made.width, height: made.height };
  try {
    camera.click();
  } finally {
    plot.layout = before.layout;
    plot._context.toImageButtonOptions = before.options;
  }
}

// The figure and its camera. Whoever presses early waits for it: plotly is a large script.
async function drawn(figure) {
  const until = performance.now() + PATIENCE;
  for (;;) {
    const plot = document.querySelector(`.${figure} .js-plotly-plot`);
    const camera = [...(plot?.querySelectorAll(".modebar-btn") ?? [])].find((each) => each.dataset.title?.startsWith("Download"));
    if (camera || performance.now() > until) return { plot, camera };
    await new Promise(requestAnimationFrame);
  }
}

// The browser makes the pixels, twice as many as the drawing has.
async function takeCurve(data, format) {
  const { svg, width, height } = curvePicture(data);
  const drawing = new Blob([svg], { type: "image/svg+xml" });
  if (format === "svg") return save(drawing, `${data.file}.svg`);
  const picture = new Image();
  picture.src = URL.createObjectURL(drawing);
  await picture.decode();
  URL.revokeObjectURL(picture.src);
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((made) => save(made, `${data.file}.png`), "image/png");
}

function save(file, name) {
  const link = Object.assign(element("a"), { href: URL.createObjectURL(file), download: name });
  link.click();
  // Not before the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// The layout of the picture: the figure's, with its title above it and its small print below.
function withHeading(plot, data) {
  const { width, height, _size: room, margin } = plot._fullLayout;
  const small = data.lines.flatMap((line) => wrapped(line, Math.floor((width - 16) / LETTER)));
  const note = {
    text: small.map(escaped).join("<br>"),
    align: "left",
    font: { size: 10 },
    showarrow: false,
    xref: "paper",
    x: 0,
    xanchor: "left",
    xshift: 8 - room.l,
    yref: "paper",
    y: 0,
    yanchor: "top",
    yshift: -room.b - 6,
  };
  const below = small.length * LINE + 16;
  const title = wrapped(data.title, Math.floor((width - 16) / 8)).map(escaped);
  const above = TITLE + (title.length - 1) * 18;
  const layout = {
    ...plot.layout,
    title: { text: title.join("<br>"), font: { size: 15 }, x: 0, xanchor: "left", y: 1, yanchor: "top", yref: "container", pad: { l: 8, t: 10 } },
    margin: { ...plot.layout.margin, l: Math.max(room.l, margin.l), t: room.t + above, b: room.b + below },
    annotations: [...(plot.layout.annotations ?? []), note],
    // A font that is everywhere: the page's own is not in the file, and another would not fit the room it was given.
    font: { ...plot.layout.font, family: "Helvetica, Arial, sans-serif" },
    paper_bgcolor: ground(),
  };
  return { layout, width, height: height + above + below };
}

// White, as paper is; on a dark page the inks are light ones.
function ground() {
  const page = document.querySelector("[data-testid=stApp]");
  const colour = page ? window.getComputedStyle(page).backgroundColor : "";
  const parts = (colour.match(/[\d.]+/g) ?? ["255"]).slice(0, 3).map(Number);
  return Math.max(...parts) < 128 ? colour : "#ffffff";
}
