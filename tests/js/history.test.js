// One thing that the visitor does is one entry of the browser's history, however many addresses are written for it.
import assert from "node:assert/strict";
import { test } from "node:test";

import keepHistory from "../../sqid_ui/shell/history.js";

const START = "http://shop.example/queries?show=runs";

// A window whose history is a list of addresses, with the events that the app listens to.
function opened() {
  const heard = {};
  const listen = (kind, act) => (heard[kind] ??= []).push(act);
  const location = { href: START, get pathname() { return new URL(this.href).pathname; } };
  const entries = [START];
  const at = (address) => (location.href = new URL(address, location.href).href);
  const history = {
    pushState: (state, title, address) => entries.push(at(address)),
    replaceState: (state, title, address) => (entries[entries.length - 1] = at(address)),
  };
  globalThis.window = { addEventListener: listen, history, location };
  globalThis.document = { addEventListener: () => {}, querySelector: () => null };
  globalThis.requestAnimationFrame = () => {};
  keepHistory();
  const does = (kind) => (heard[kind] ?? []).forEach((act) => act({}));
  return { does, entries, writes: (address) => history.pushState({}, "", address) };
}

const paths = (page) => page.entries.map((each) => each.replace("http://shop.example", ""));

for (const between of [[], ["/queries?set=x"], ["/queries?set=x", "/queries?set=x&a=y"]])
  test(`a page that is opened with parameters is one entry, ${between.length} addresses of the one that is left between`, () => {
    const page = opened();
    page.does("pointerdown");
    for (const address of ["/queries?a=y&set=x", ...between, "/compare?a=y&set=x", "/compare?set=x"]) page.writes(address);
    assert.deepEqual(paths(page), ["/queries?show=runs", "/compare?set=x"]);
  });

test("what the visitor does is an entry each, by pointer, key or a reader's press", () => {
  const page = opened();
  for (const [kind, address] of [["pointerdown", "/queries?k=1"], ["keydown", "/queries?k=2"], ["click", "/?q=3"], ["keydown", "/?q=4"]]) {
    page.does(kind);
    page.writes(address);
  }
  assert.deepEqual(paths(page), ["/queries?show=runs", "/queries?k=1", "/queries?k=2", "/?q=3", "/?q=4"]);
});

test("what a page writes on Back takes the place of the entry that was gone back to", () => {
  const page = opened();
  page.does("pointerdown");
  page.writes("/queries?k=1");
  page.does("popstate");
  page.writes("/queries?k=1&b=2");
  assert.equal(page.entries.length, 2);
});
