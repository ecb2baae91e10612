// Judging one pair after another. An act is shown at once, kept in the browser, sent beside the page and confirmed by
// its key; the server is not asked between two pairs. Runs again at every rerun and changes nothing then.
import { element } from "../../parts/browser/elements.js";
import { kept } from "../../parts/browser/kept.js";
import { listen } from "../../parts/browser/listening.js";
import { drawLabels, markChoices, newChoices } from "./choices.js";
import { drawDescription, drawFace, newFace, pictureOf } from "./face.js";
import { isMeant, meaning } from "./keys.js";
import { Line, isDone } from "./line.js";
import { newMail, written } from "./mail.js";
import { Pace } from "./pace.js";
import { newPanel, openHelp, openNote, openTags } from "./panel.js";
import { get } from "./reach.js";
import { drawStrays, newStrays } from "./strays.js";
import { drawKnown, drawState, newWords } from "./words.js";

// So many pairs with their pictures are there before they are shown.
const AHEAD = 20;
const LONGEST_LINK = 4_000;

export default function (component) {
  const desk = kept(component, ".desk", newDesk);
  if (!desk) return;
  // Before anybody else hears of them: to Streamlit some letters are commands too.
  listen(desk, (event) => hear(desk, event), window, true);
  const { data } = component, begun = JSON.stringify([data.book.id, data.judge, data.bundle]);
  if (desk.begun === begun) Object.assign(desk, { data });
  else begin(desk, data, begun);
  draw(desk);
}

function newDesk(root) {
  const desk = { root, taken: [], last: null, made: 0 };
  desk.face = newFace(() => describe(desk));
  desk.choices = newChoices((asked) => act(desk, asked));
  desk.words = newWords();
  desk.panel = newPanel(() => desk.body.focus({ preventScroll: true }));
  desk.body = element("div", "pair");
  desk.body.tabIndex = -1;
  const side = element("div", "side");
  side.append(desk.face.product, desk.words.known);
  desk.body.append(desk.face.thumb, side);
  desk.dock = element("div", "dock");
  desk.dock.append(desk.panel.root, desk.choices.labels, desk.choices.tools);
  desk.strays = newStrays(() => begin(desk, desk.data, desk.begun));
  root.append(desk.words.top, desk.strays.root, desk.face.query, desk.body, desk.words.end, desk.dock, desk.words.last, desk.words.live);
  return desk;
}

function begin(desk, data, begun) {
  desk.sender?.callOff?.();
  clearTimeout(desk.asking);
  Object.assign(desk, { data, begun, line: new Line(), pace: null, taken: [], last: null, looked: 0, fault: "", busy: false, wait: 1000 });
  Object.assign(desk, newMail(desk.root, data, (news) => hearSender(desk, news)));
  drawStrays(desk.strays, desk.outbox.storage, data, desk.outbox);
  ask(desk);
  desk.sender.kick();
}

// --- pairs to come ---

const ask = async (desk) => {
  if (desk.busy || desk.line.complete) return;
  desk.busy = true;
  const { begun, data, line } = desk, waiting = desk.outbox.waiting(), made = desk.made;
  const count = 2 * AHEAD + line.ahead.length + line.putOff.length + waiting.length;
  const about = { bundle: data.bundle, fingerprint: data.fingerprint, book: data.book.id, count };
  const reply = await get(data.address, "queue", about).catch(() => null);
  if (desk.begun !== begun || !desk.root.isConnected) return;
  desk.busy = false;
  if (reply?.status !== 200 || !reply.answer || reply.answer.judge !== data.judge) return askAgain(desk, reply);
  Object.assign(desk, { fault: "", wait: 1000 });
  take(desk, reply.answer, waiting, waiting.length === 0 && made === desk.made);
  draw(desk);
};

function take(desk, answer, waiting, current) {
  const before = desk.line.shown;
  desk.outbox.heard(answer.number);
  desk.line.take(answer, waiting.filter((each) => each.book === desk.data.book.id), current);
  desk.pace ??= new Pace(answer.seconds);
  if (desk.line.shown !== before) desk.since = performance.now();
}

function askAgain(desk, reply) {
  desk.fault = reply ? (reply.answer?.error ?? "Another judge uses this browser now; reload the page.") : "";
  desk.lost = !reply;
  desk.asking = setTimeout(() => desk.root.isConnected && ask(desk), desk.wait);
  desk.wait = Math.min(2 * desk.wait, 30_000);
  draw(desk);
}

// --- acts ---

function hear(desk, event) {
  if (!desk.line || !isMeant(event)) return;
  if (desk.panel.kind && desk.panel.kind !== "help") return;
  const asked = meaning(event.key, desk.data.scale.letters);
  if (desk.panel.kind === "help" && event.key !== "Escape" && asked) desk.panel.close();
  if (!asked || event.repeat) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  act(desk, asked);
}

const COMMANDS = {
  unrateable: (desk) => judge(desk, "unrateable", ""),
  later: (desk) => judge(desk, "later", ""),
  note: (desk) => note(desk),
  tag: (desk) => tags(desk),
  undo: (desk) => undo(desk),
  next: (desk) => go(desk, desk.line.move(1)),
  back: (desk) => go(desk, desk.line.move(-1)),
  more: (desk) => describe(desk),
  help: (desk) => openHelp(desk.panel, desk.data.scale),
};

function act(desk, asked) {
  const { shown } = desk.line;
  if (asked.command) {
    if (shown || ["undo", "back", "next", "help"].includes(asked.command)) COMMANDS[asked.command](desk);
  } else if (shown && desk.data.scale.names[asked.label] !== undefined) judge(desk, "label", desk.data.scale.names[asked.label]);
}

function judge(desk, kind, value) {
  const { line } = desk, item = line.shown, seconds = (performance.now() - desk.since) / 1000;
  if (kind !== "later" && !isDone(item)) desk.pace?.add(seconds);
  const made = make(desk, item, kind, value, { seconds: Math.round(seconds * 1000) / 1000 });
  desk.taken.push({ item, key: made.key });
  if (kind !== "later") desk.last = item;
  desk.said = kind === "label" ? value : kind === "later" ? "Later" : "Unrateable";
  line.at = line.next(line.at);
  go(desk, true);
  if (line.ahead.length < AHEAD) ask(desk);
}

// One act: shown, kept, sent.
function make(desk, item, kind, value, more = {}) {
  const made = written(desk.outbox, {
    kind,
    value,
    query_id: item.query_id,
    product_id: item.product_id,
    book: desk.data.book.id,
    showing: item.showing,
    fingerprint: desk.data.fingerprint,
    ...more,
  });
  desk.made += 1;
  desk.line.apply(made);
  desk.sender.kick();
  return made;
}

function undo(desk) {
  const last = desk.taken.pop() ?? lastOf(desk);
  if (!last) return;
  make(desk, last.item, "undo", last.key);
  desk.line.at = desk.line.items.indexOf(last.item);
  desk.said = "Taken back";
  if (desk.last === last.item) desk.last = null;
  go(desk, true);
}

// What was done before the page was loaded.
function lastOf(desk) {
  const item = desk.line.items.findLast(isDone);
  return item ? { item, key: item.words.at(-1).key } : null;
}

function note(desk) {
  const item = desk.line.shown;
  openNote(desk.panel, item.note, (text) => {
    const made = make(desk, item, "note", text, { link: window.location.href.slice(0, LONGEST_LINK) });
    desk.taken.push({ item, key: made.key });
    draw(desk);
  });
}

function tags(desk) {
  const item = desk.line.shown;
  openTags(desk.panel, desk.data.book.tags, new Set(item.tags.map(({ value }) => value)), (tag) => {
    const had = item.tags.find(({ value }) => value === tag);
    if (had) make(desk, item, "undo", had.key);
    else make(desk, item, "tag", tag, { link: window.location.href.slice(0, LONGEST_LINK) });
    draw(desk);
  });
}

const describe = async (desk) => {
  const item = desk.line.shown, { face, data } = desk;
  if (!item) return;
  if (face.more.getAttribute("aria-expanded") === "true") return drawDescription(face, false, "");
  drawDescription(face, true, item.text ?? "…");
  if (item.text !== undefined) return;
  const asks = { bundle: data.bundle, fingerprint: data.fingerprint, product: item.product_id };
  const reply = await get(data.address, "description", asks).catch(() => null);
  if (reply?.status === 200 && reply.answer) item.text = reply.answer.text || "This product has no description.";
  const open = face.more.getAttribute("aria-expanded") === "true";
  if (desk.line.shown === item && open) drawDescription(face, true, item.text ?? reply?.answer?.error ?? "The server cannot be reached.");
};

// --- showing ---

function hearSender(desk, news) {
  if (!desk.sender) return;
  if (news) {
    for (const each of news.known) desk.line.learn(each);
    for (const [key, sentence] of Object.entries(news.refused)) {
      desk.line.takeBack(key);
      desk.refusal = sentence;
    }
    draw(desk);
    lookAgain(desk);
  }
  drawState(desk.words, desk);
}

// At the end, once all is saved: some pairs are shown twice, and which ones the server knows only now.
function lookAgain(desk) {
  const { line, sender } = desk;
  if (line.shown || !line.complete || sender.state.waiting || desk.looked === desk.made) return;
  desk.looked = desk.made;
  line.complete = false;
  ask(desk);
}

function go(desk, moved) {
  if (!moved) return;
  desk.since = performance.now();
  draw(desk);
  if (desk.panel.kind) desk.panel.close();
}

function draw(desk) {
  const { line, data, words } = desk, item = line.shown;
  drawLabels(desk.choices, data.scale);
  desk.body.hidden = desk.face.query.hidden = !item;
  if (item) drawFace(desk.face, item);
  const can = { judge: Boolean(item), unrateable: Boolean(item), later: Boolean(item), note: Boolean(item), tag: Boolean(item) };
  Object.assign(can, { undo: desk.taken.length > 0 || line.items.some(isDone), back: line.at > 0 || (!item && line.items.length > 0) });
  Object.assign(can, { next: line.at + 1 < line.items.length, tags: item?.tags.length, hasNote: item?.note });
  markChoices(desk.choices, item?.words.at(-1), data.scale, can);
  drawKnown(words, desk);
  drawState(words, desk);
  for (const each of line.ahead.slice(0, AHEAD)) pictureOf(each);
}
