// Sends what waits in the outbox, and again until the server has confirmed it. One letter at a time.

const MOST_ACTS = 20, MOST_LETTERS = 200_000, LONGEST_WAIT = 30_000;
// Of these the acts themselves are the cause: they would be refused for ever.
const FAULTY = new Set([400, 413]);

// outbox: see Outbox. post: (letter) -> a promise of {status, answer}; it fails where nobody is reached. about: what
// every letter says besides its acts. told: called with what became of acts, and whenever the state is another one.
// after: (milliseconds, function) -> a function that calls it off.
export class Sender {
  constructor({ outbox, post, about, told, after }) {
    Object.assign(this, { outbox, post, about, told, after });
    this.busy = false;
    this.wait = 1000;
    this.most = MOST_ACTS;
    this.callOff = null;
    this.state = { waiting: outbox.waiting().length, offline: false, fault: "" };
  }

  // Something is new in the outbox, or there is a reason to believe that the server can be reached again.
  kick() {
    this.show({});
    if (this.busy) return;
    this.callOff?.();
    this.callOff = null;
    this.run();
  }

  async run() {
    this.busy = true;
    let going = true;
    while (going) going = await this.sendOne();
    this.busy = false;
  }

  async sendOne() {
    const acts = batch(this.outbox.waiting(), this.most);
    if (!acts.length) {
      this.show({ offline: false, fault: "" });
      return false;
    }
    let reply;
    try {
      reply = await this.post({ ...this.about, fingerprint: acts[0].fingerprint, acts: acts.map(sent) });
    } catch {
      return this.rest({ offline: true, fault: "" });
    }
    if (reply.status === 200 && reply.answer) return this.settle(acts, reply.answer);
    const fault = reply.answer?.error ?? `The server answers with ${reply.status}.`;
    if (!FAULTY.has(reply.status)) return this.rest({ offline: false, fault });
    if (acts.length > 1) this.most = 1; // one of them is at fault, and holds up the others
    else this.forget([acts[0].key], { [acts[0].key]: fault });
    return true;
  }

  settle(acts, answer) {
    const keys = new Set(acts.map((act) => act.key));
    const refused = answer.refused ?? {};
    const gone = [...(answer.confirmed ?? []), ...Object.keys(refused)].filter((key) => keys.has(key));
    if (!gone.length) return this.rest({ offline: false, fault: "The server did not confirm what was sent." });
    this.wait = 1000;
    this.most = MOST_ACTS;
    this.forget(gone, refused, answer.known ?? []);
    return true;
  }

  forget(keys, refused, known = []) {
    this.outbox.drop(keys);
    this.show({ offline: false, fault: "" });
    this.told({ keys, refused, known });
  }

  // Not now: again in a while, each time a longer one.
  rest(state) {
    this.callOff = this.after(this.wait, () => this.kick());
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
    this.show(state);
    return false;
  }

  show(change) {
    this.state = { ...this.state, ...change, waiting: this.outbox.waiting().length };
    this.told(null);
  }
}

// The first acts that fit a letter and were made with the same bundle.
function batch(acts, most) {
  let letters = 0;
  const found = [];
  for (const act of acts.slice(0, most)) {
    letters += JSON.stringify(act).length;
    if (found.length && (letters > MOST_LETTERS || act.fingerprint !== found[0].fingerprint)) break;
    found.push(act);
  }
  return found;
}

function sent(act) {
  const rest = { ...act };
  delete rest.fingerprint;
  return rest;
}
