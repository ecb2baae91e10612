// Which key does what. A scale has letters of its own, which may be those of commands, digits, or longer than a key.

export const COMMANDS = { u: "unrateable", l: "later", n: "note", t: "tag", z: "undo", j: "next", k: "back", d: "more", "?": "help" };

// The key of each label: its letter where that is one key and no command, else its place, 1 to 9. Where letters are
// digits, as of grades 4 to 0, places would be mistaken for them.
export function labelKeys(letters) {
  const own = letters.map((letter) => letter.toLowerCase());
  const graded = own.some((letter) => /^[0-9]$/.test(letter));
  return own.map((letter, place) => {
    if ([...letter].length === 1 && letter.trim() && !(letter in COMMANDS)) return letter;
    return !graded && place < 9 ? String(place + 1) : "";
  });
}

// What a key asks for: {label: place} or {command: name}; null for a key that asks for nothing.
export function meaning(key, letters) {
  const pressed = key.toLowerCase(), keys = labelKeys(letters);
  const named = keys.indexOf(pressed);
  if (pressed && named >= 0) return { label: named };
  if (pressed in COMMANDS) return { command: COMMANDS[pressed] };
  const graded = letters.some((letter) => /^[0-9]$/.test(letter));
  const place = /^[1-9]$/.test(pressed) && !graded ? Number(pressed) - 1 : -1;
  return place >= 0 && place < letters.length ? { label: place } : null;
}

// Whether a key press is meant for judging: not for a text somebody types, a dialog, or the browser.
export function isMeant(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return false;
  return !event.composedPath().some((node) => {
    if (node.isContentEditable) return true;
    if (node.matches?.("input, textarea, select")) return true;
    return Boolean(node.matches?.("[role=dialog], [role=listbox], [role=combobox], [role=menu]"));
  });
}
