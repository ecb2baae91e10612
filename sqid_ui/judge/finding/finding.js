// What somebody finds on a query, where he finds it: T for tags, N for a note, without leaving the page. Acts go the same
// way as at the desk: shown at once, kept in the browser, confirmed by the server.
import { button, element, write } from "../../parts/browser/elements.js";
import { kept } from "../../parts/browser/kept.js";
import { listen } from "../../parts/browser/listening.js";
import { isMeant } from "../desk/keys.js";
import { newMail, written } from "../desk/mail.js";
import { newPanel, openNote, openTags } from "../desk/panel.js";

const LONGEST_LINK = 4000;

export default function (component) {
  const bar = kept(component, ".finding", newBar);
  if (!bar) return;
  listen(bar, (event) => hear(bar, event));
  take(bar, component.data);
}

function newBar(root) {
  const bar = { root, tags: [], note: "", shown: element("span", "shown"), state: element("span", "state") };
  bar.state.setAttribute("role", "status");
  bar.tag = press("T", "Tag", () => tag(bar));
  bar.noting = press("N", "Note", () => note(bar));
  bar.panel = newPanel(() => bar.opener?.focus({ preventScroll: true }));
  root.append(bar.tag, bar.noting, bar.shown, bar.state, bar.panel.root);
  return bar;
}

function hear(bar, event) {
  const open = { t: bar.tag, n: bar.noting }[event.key.toLowerCase()];
  if (!open || bar.panel.kind || !isMeant(event)) return;
  event.preventDefault();
  open.click();
}

function press(key, words, act) {
  const node = button("open");
  node.append(element("kbd", "", key), element("span", "", words));
  node.addEventListener("click", act);
  return node;
}

// data: address, bundle, fingerprint, judge, number, query_id, query, book (its id, "" for none), tags on offer, and what
// this judge found: { tags: [{ key, value }], note }.
function take(bar, data) {
  const of = JSON.stringify([data.judge, data.bundle, data.query_id, data.book]);
  if (of !== bar.of) {
    if (bar.panel.kind) bar.panel.close();
    if (bar.judge !== data.judge) Object.assign(bar, newMail(bar.root, data, (news) => told(bar, news)));
    Object.assign(bar, { of, judge: data.judge, tags: data.found.tags, note: data.found.note });
  }
  bar.data = data;
  bar.outbox.heard(data.number);
  bar.sender.kick();
  draw(bar);
}

function draw(bar) {
  const tags = bar.tags.map(({ value }) => element("span", "one", value));
  for (const each of tags) each.dir = "auto";
  const noted = bar.note ? [Object.assign(element("span", "one note", bar.note), { dir: "auto" })] : [];
  bar.shown.replaceChildren(...tags, ...noted);
}

function tag(bar) {
  bar.opener = bar.tag;
  openTags(bar.panel, bar.data.tags, new Set(bar.tags.map(({ value }) => value)), (value) => {
    const had = bar.tags.find((each) => each.value === value);
    const act = had ? send(bar, "undo", had.key) : send(bar, "tag", value);
    bar.tags = had ? bar.tags.filter((each) => each !== had) : [...bar.tags, { key: act.key, value }];
    draw(bar);
  });
}

function note(bar) {
  bar.opener = bar.noting;
  openNote(bar.panel, bar.note, (text) => {
    send(bar, "note", text);
    bar.note = text;
    draw(bar);
  });
}

function send(bar, kind, value) {
  const { query_id, book, fingerprint } = bar.data;
  const link = `${window.location.pathname}${window.location.search}`.slice(0, LONGEST_LINK);
  const act = written(bar.outbox, { kind, value, query_id, product_id: "", book, link, showing: 1, fingerprint });
  bar.sender.kick();
  return act;
}

function told(bar, news) {
  const [sentence] = Object.values(news?.refused ?? {});
  write(bar.state, sentence ? `Not taken: ${sentence}` : "");
}
