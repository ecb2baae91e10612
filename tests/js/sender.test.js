// Sending what waits: again until it is confirmed, each act once, none lost, and none that holds up the others.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Sender } from "../../sqid_ui/judge/desk/sender.js";

// A sender whose server answers with what `reply` gives for a letter, and whose clock is wound by hand.
function sending(reply, acts = []) {
  const box = { acts: [...acts], waiting: () => [...box.acts], drop: (keys) => (box.acts = box.acts.filter(({ key }) => !keys.includes(key))) };
  const made = { box, letters: [], news: [], waits: [], clock: [], called: 0 };
  made.sender = new Sender({
    outbox: box,
    about: { bundle: "shop", judge: "j" },
    post: async (letter) => {
      made.letters.push(letter.acts.map(({ key }) => key));
      return reply(letter, made.letters.length);
    },
    told: (news) => news && made.news.push(news),
    after: (wait, call) => {
      made.waits.push(wait);
      made.clock.push(call);
      return () => made.clock.splice(0);
    },
  });
  made.rest = () => new Promise((done) => setImmediate(done));
  made.tick = () => {
    made.clock.splice(0).forEach((call) => call());
    return made.rest();
  };
  return made;
}

const act = (key, more = {}) => ({ key, number: Number(key), fingerprint: "f", value: "", ...more });
const all = (letter) => ({ status: 200, answer: { confirmed: letter.acts.map(({ key }) => key), refused: {}, known: [] } });

test("what is confirmed is gone, and twenty go at once", async () => {
  const made = sending(all, Array.from({ length: 45 }, (_, i) => act(String(i))));
  made.sender.kick();
  await made.rest();
  assert.deepEqual(made.letters.map((keys) => keys.length), [20, 20, 5]);
  assert.deepEqual([made.box.acts, made.sender.state], [[], { waiting: 0, offline: false, fault: "" }]);
});

test("offline, it waits longer and longer, and a hint that the net is back ends that", async () => {
  let reachable = false;
  const made = sending((letter) => {
    if (!reachable) throw new TypeError("offline");
    return all(letter);
  }, [act("1")]);
  made.sender.kick();
  await made.rest();
  for (let i = 0; i < 6; i++) await made.tick();
  assert.deepEqual(made.waits, [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  assert.deepEqual(made.sender.state, { waiting: 1, offline: true, fault: "" });
  reachable = true;
  made.sender.kick();
  await made.rest();
  assert.deepEqual([made.box.acts, made.sender.state.offline, made.clock], [[], false, []]);
});

test("a server that cannot store now is asked again, and its sentence shown", async () => {
  const made = sending((letter, count) => (count < 3 ? { status: 503, answer: { error: "the disk is full" } } : all(letter)), [act("1")]);
  made.sender.kick();
  await made.rest();
  assert.equal(made.sender.state.fault, "the disk is full");
  await made.tick();
  await made.tick();
  assert.deepEqual(made.box.acts, []);
});

test("an act that can never be stored is told of and holds up none", async () => {
  const bad = (letter) => letter.acts.some(({ key }) => key === "2");
  const made = sending((letter) => (bad(letter) ? { status: 400, answer: { error: "nonsense" } } : all(letter)), ["1", "2", "3"].map((key) => act(key)));
  made.sender.kick();
  await made.rest();
  assert.deepEqual(made.letters, [["1", "2", "3"], ["1"], ["2", "3"], ["2"], ["3"]]);
  assert.deepEqual(made.news.map(({ refused }) => refused).filter((each) => each["2"]), [{ 2: "nonsense" }]);
  assert.deepEqual(made.box.acts, []);
});

test("refused acts are dropped with their sentences", async () => {
  const made = sending(() => ({ status: 200, answer: { confirmed: ["1"], refused: { 2: "closed" }, known: [{ query_id: "q" }] } }), [act("1"), act("2")]);
  made.sender.kick();
  await made.rest();
  assert.deepEqual(made.news, [{ keys: ["1", "2"], refused: { 2: "closed" }, known: [{ query_id: "q" }] }]);
});

test("an answer that confirms nothing, or is none, loses nothing and does not spin", async () => {
  for (const reply of [{ status: 200, answer: { confirmed: ["9"] } }, { status: 200, answer: null }, { status: 502, answer: null }, { status: 401, answer: {} }]) {
    const made = sending(() => reply, [act("1")]);
    made.sender.kick();
    await made.rest();
    assert.deepEqual([made.letters.length, made.box.acts.length, made.waits], [1, 1, [1000]]);
    assert.ok(made.sender.state.fault);
  }
});

test("what was judged while a letter was under way goes with the next", async () => {
  const made = sending((letter, count) => {
    if (count === 1) {
      made.box.acts.push(act("2"));
      made.sender.kick();
    }
    return all(letter);
  }, [act("1")]);
  made.sender.kick();
  await made.rest();
  assert.deepEqual(made.letters, [["1"], ["2"]]);
});

test("acts of two states of a bundle and long texts go apart", async () => {
  const long = "x".repeat(150_000);
  const made = sending(all, [act("1"), act("2", { fingerprint: "g" }), act("3", { fingerprint: "g", value: long }), act("4", { fingerprint: "g", value: long })]);
  made.sender.kick();
  await made.rest();
  assert.deepEqual(made.letters, [["1"], ["2", "3"], ["4"]]);
});
