// What the desk says besides the pair: how far one is, whether all is saved, and what is known of pairs that are done.
import { element, write } from "../../parts/browser/elements.js";
import { isDone } from "./line.js";
import { progress } from "./pace.js";

export function newWords() {
  const words = { top: element("div", "top"), where: element("p", "where"), bar: element("progress"), state: element("p", "state") };
  words.state.setAttribute("role", "status");
  words.bar.setAttribute("aria-label", "Pairs that are done");
  words.top.append(words.where, words.bar, words.state);
  words.known = element("p", "known");
  words.known.dir = "auto";
  words.last = element("p", "last");
  words.last.dir = "auto";
  words.end = element("p", "end");
  words.live = element("p", "live");
  words.live.setAttribute("aria-live", "polite");
  return words;
}

export function drawKnown(words, desk) {
  const { line } = desk, item = line.shown;
  write(words.known, item && item.known ? known(item.known, desk.data.scale) : "");
  words.known.hidden = !words.known.textContent;
  const last = desk.last && desk.last !== item && isDone(desk.last) ? desk.last : null;
  write(words.last, last ? `Just now: ${last.title || "no title"}: you said ${said(last)}${last.known ? `. ${known(last.known)}` : ""}` : "");
  words.last.hidden = !last;
  write(words.end, item ? "" : ending(desk));
  words.end.hidden = Boolean(item);
  write(words.live, [desk.said, item ? `${item.query}: ${item.title || "no title"}` : words.end.textContent].filter(Boolean).join(". "));
}

function said(item) {
  const word = item.words.at(-1);
  return word.kind === "label" ? word.value : "unrateable";
}

// Published label, what others said, and why the pair is in the book.
export function known({ published, others, why }) {
  const counts = new Map();
  for (const word of others) counts.set(word, (counts.get(word) ?? 0) + 1);
  const told = [...counts].map(([word, count]) => (count > 1 ? `${word} ×${count}` : word)).join(", ");
  return [published ? `Published: ${published}` : "Not judged before", told && `others: ${told}`, why].filter(Boolean).join(" · ");
}

function ending({ line, fault, lost, busy }) {
  if (fault) return fault;
  if (!line.complete) return busy ? "Fetching pairs …" : lost ? "The server cannot be reached; this page tries again." : "Fetching pairs …";
  if (!line.items.length) return "Nothing waits for you in this book.";
  return "All done: nothing waits for you in this book. K goes back through what you said.";
}

export function drawState(words, desk) {
  const { line, pace, sender, outbox } = desk, { waiting, offline, fault } = sender.state;
  words.top.classList.toggle("waits", waiting > 0 && (offline || Boolean(fault)));
  write(words.where, line.items.length || line.complete ? progress(line.done, line.count, pace?.seconds ?? null) : "");
  words.bar.max = Math.max(line.count, 1);
  words.bar.value = line.done;
  write(words.state, state(waiting, offline, fault, outbox.isFragile, desk.refusal));
}

function state(waiting, offline, fault, fragile, refusal) {
  const acts = waiting === 1 ? "1 act waits" : `${waiting} acts wait`;
  const kept = fragile ? " Keep this page open: the browser keeps nothing." : "";
  if (waiting && offline) return `Offline: ${acts}, and will be sent again.${kept}`;
  if (waiting && fault) return `${acts}: ${fault}${kept}`;
  if (refusal) return `Not taken: ${refusal}`;
  return waiting ? "Saving …" : "All saved";
}
