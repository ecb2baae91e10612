// The pairs that are at hand: some that are done, the one that is shown, and those to come.

const DONE = new Set(["label", "unrateable"]);

export class Line {
  constructor() {
    this.items = [];
    this.byId = new Map();
    this.at = -1;
    this.count = this.done = 0;
    this.seconds = null;
    this.complete = false; // nothing waits on the server that is not here
  }

  get shown() {
    return this.items[this.at] ?? null;
  }

  // Those to come that nobody put off.
  get ahead() {
    return this.items.filter((item) => !isDone(item) && !item.later);
  }

  get putOff() {
    return this.items.filter((item) => !isDone(item) && item.later);
  }

  // An answer of the server. waiting: acts that it did not know of. current: whether nothing was judged since.
  take(answer, waiting, current) {
    const first = this.at < 0 && !this.items.length;
    if (first) for (const pair of answer.past) this.add(pair);
    const before = this.items.length;
    for (const pair of answer.pairs) this.add(pair);
    this.complete = !answer.more;
    // Some may have been done by others meanwhile; what is done here and not told yet would be lost.
    if (first || current) [this.done, this.count] = [answer.done, answer.count];
    if (first) this.seconds = answer.seconds;
    for (const act of waiting) if (first || this.items.indexOf(this.of(act)) >= before) this.apply(act);
    if (!this.shown || (first && isDone(this.shown))) this.at = this.next(-1);
  }

  add(pair) {
    const id = idOf(pair);
    if (this.byId.has(id)) return;
    const item = { ...pair, words: pair.word ? [pair.word] : [], tags: [...(pair.tags ?? [])], note: pair.note ?? "" };
    this.byId.set(id, item);
    this.items.push(item);
  }

  of(act) {
    return this.byId.get(idOf(act)) ?? null;
  }

  // What an act changes at once. Undone acts are looked for in the words of their pair.
  apply(act) {
    const item = this.of(act);
    if (!item) return;
    const was = isDone(item);
    if (DONE.has(act.kind) || act.kind === "later") item.words.push({ key: act.key, kind: act.kind, value: act.value });
    else if (act.kind === "tag") item.tags.push({ key: act.key, value: act.value });
    else if (act.kind === "note") item.note = act.value;
    else if (act.kind === "undo") {
      item.words = item.words.filter(({ key }) => key !== act.value);
      item.tags = item.tags.filter(({ key }) => key !== act.value);
    }
    item.later = item.words.at(-1)?.kind === "later";
    this.done += isDone(item) - was;
  }

  // An act that was refused has never been.
  takeBack(key) {
    for (const item of this.items) {
      const was = isDone(item);
      item.words = item.words.filter((word) => word.key !== key);
      item.tags = item.tags.filter((tag) => tag.key !== key);
      item.later = item.words.at(-1)?.kind === "later";
      this.done += isDone(item) - was;
    }
  }

  // The place of the next pair to judge behind one; what was put off comes when nothing else is left. -1: none.
  next(from) {
    const order = [...this.items.keys()].slice(from + 1).concat([...this.items.keys()].slice(0, from + 1));
    const open = order.find((place) => !isDone(this.items[place]) && !this.items[place].later);
    return open ?? order.find((place) => !isDone(this.items[place]) && this.complete) ?? -1;
  }

  // One on or back, whatever it is; false at an end.
  move(by) {
    const place = this.at < 0 ? (by < 0 ? this.items.length - 1 : -1) : this.at + by;
    if (!this.items[place]) return false;
    this.at = place;
    return true;
  }

  learn({ query_id, product_id, ...known }) {
    for (const item of this.items) {
      const same = item.query_id === query_id && item.product_id === product_id;
      // Shown again, a pair is judged without what was learnt of it.
      if (same && isDone(item)) item.known = known;
    }
  }
}

export function isDone(item) {
  return DONE.has(item.words.at(-1)?.kind);
}

function idOf({ query_id, product_id, showing }) {
  return JSON.stringify([query_id, product_id, showing ?? 1]);
}
