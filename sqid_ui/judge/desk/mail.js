// The outbox of a page and what sends it.
import { Outbox, newKey, wholeText } from "./outbox.js";
import { post } from "./reach.js";
import { Sender } from "./sender.js";

const LONGEST = 20_000;

// root: of the component; once it has gone nothing is sent from it. about: address, bundle, judge. told: see Sender.
export function newMail(root, about, told) {
  const outbox = new Outbox(storage(), about.bundle, about.judge);
  const sender = new Sender({
    outbox,
    post: (letter) => post(about.address, letter),
    about: { bundle: about.bundle, judge: about.judge },
    told,
    after: (wait, call) => {
      const timer = setTimeout(() => root.isConnected && call(), wait);
      return () => clearTimeout(timer);
    },
  });
  const again = () => (root.isConnected ? sender.kick() : window.removeEventListener("online", again));
  window.addEventListener("online", again);
  return { outbox, sender };
}

// An act with a key and a number of its own, kept in the browser from now on.
export function written(outbox, act) {
  const made = { ...act, key: newKey(), number: outbox.nextNumber(), value: wholeText(act.value, LONGEST) };
  outbox.add(made);
  return made;
}

function storage() {
  try {
    return window.localStorage;
  } catch {
    return null; // where the browser forbids it, acts wait in the page alone
  }
}
