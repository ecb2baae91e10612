// The words of a picture: broken into lines that fit, and safe among the tags of a drawing.

export const LINE = 13;
// Of a letter of the small print, on average and in pixels.
export const LETTER = 5.4;

// Drawings read tags and entities in texts.
export function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

// Lines of at most so many letters, broken between words where there are any.
export function wrapped(text, most) {
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
