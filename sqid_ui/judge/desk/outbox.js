// Acts that the server has not confirmed yet, kept in the browser: one entry an act, so that two tabs never write over
// each other's. They go out in the judge's order, and each goes once it is confirmed.

// What the browser did not take, as it is full or keeps nothing: by its storage, then by whose acts these are. It belongs
// to the page, so that a desk that is drawn anew, as after the server was away, still has it.
const WITHOUT = {}, memories = new WeakMap();

function unkept(storage, begin) {
  const place = storage ?? WITHOUT;
  if (!memories.has(place)) memories.set(place, new Map());
  const held = memories.get(place);
  if (!held.has(begin)) held.set(begin, new Map());
  return held.get(begin);
}

// storage: like localStorage. of: the bundle and the judge whose acts these are.
export class Outbox {
  constructor(storage, ...of) {
    this.storage = storage;
    this.begin = `sqid act ${JSON.stringify(of)} `;
    this.counter = `sqid number ${JSON.stringify(of)}`;
    this.highest = 0;
    this.memory = unkept(storage, this.begin);
  }

  // The number of the next act: above all that this browser and the server know of.
  nextNumber() {
    const kept = Number(this.read(this.counter));
    const waiting = [...this.memory.values()].map(({ number }) => number);
    this.highest = Math.max(this.highest, Number.isSafeInteger(kept) ? kept : 0, ...waiting) + 1;
    this.write(this.counter, String(this.highest));
    return this.highest;
  }

  // The server knows of acts up to this number.
  heard(number) {
    if (Number.isSafeInteger(number)) this.highest = Math.max(this.highest, number);
  }

  add(act) {
    const name = this.begin + act.key;
    if (!this.write(name, JSON.stringify(act))) this.memory.set(name, act);
  }

  // What waits, in the judge's order.
  waiting() {
    const found = [...this.memory.values()];
    for (const name of this.names()) {
      const act = parsed(this.read(name));
      if (act?.key && this.begin + act.key === name && Number.isSafeInteger(act.number)) found.push(act);
    }
    return found.sort((a, b) => a.number - b.number);
  }

  drop(keys) {
    for (const key of keys) {
      this.memory.delete(this.begin + key);
      try {
        this.storage.removeItem(this.begin + key);
      } catch {
        // A browser that stores nothing has nothing to remove.
      }
    }
  }

  // Whether what waits would be lost with the page.
  get isFragile() {
    return this.memory.size > 0;
  }

  names() {
    try {
      return Array.from({ length: this.storage.length }, (_, i) => this.storage.key(i)).filter((name) => name?.startsWith(this.begin));
    } catch {
      return [];
    }
  }

  read(name) {
    try {
      return this.storage.getItem(name);
    } catch {
      return null;
    }
  }

  write(name, text) {
    try {
      this.storage.setItem(name, text);
      return true;
    } catch {
      return false;
    }
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// A key that nobody else has; crypto.randomUUID is missing where the page comes by plain http from another machine.
export function newKey(random = crypto) {
  return [...random.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Half a letter, as some keyboards leave it, is no text that a server takes.
export function wholeText(text, most) {
  const cut = text.slice(0, most);
  return cut.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\0/g, "");
}
