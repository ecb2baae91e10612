// The buttons that make a picture of a figure: plotly's own export, the one behind its modebar. Below the plot stands
// what its numbers rest on.
import { action } from "../browser/elements.js";
import { kept } from "../browser/kept.js";

const FORMATS = { PNG: "png", SVG: "svg" };
const LINE = 13;
// Of a letter of the small print, on average and in pixels.
const LETTER = 5.4;
const TITLE = 34;

export default function (component) {
  const taking = kept(component, ".taking", newButtons);
  if (taking) taking.data = component.data;
}

function newButtons(root) {
  const taking = { data: null };
  root.append(...Object.entries(FORMATS).map(([name, format]) => action(name, () => take(taking.data, format))));
  return taking;
}

function take(data, format) {
  const plot = document.querySelector(`.${data.figure} .js-plotly-plot`);
  const camera = plot && [...plot.querySelectorAll(".modebar-btn")].find((each) => each.dataset.title?.startsWith("Download"));
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

// Plotly reads tags and entities in texts.
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

// Lines of at most so many letters, broken between words where there are any.
function wrapped(text, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last && last.length + 1 + word.length > most) lines.push("");
    lines[lines.length - 1] += lines[lines.length - 1] ? ` ${word}` : word;
    while (lines[lines.length - 1].length > most) {
      const long = lines.pop();
      lines.push(long.slice(0, most), long.slice(most));
    }
  }
  return lines;
}
