// Acts of this bundle that wait for another judge: the browser's cookie was lost, or somebody else took a name here. The
// server takes acts of the present judge alone, so they wait until somebody says what becomes of them.
import { button, element, write } from "../../parts/browser/elements.js";

const FILE = "acts.jsonl";

// [{name, judge, act}], in their order. storage: like localStorage.
export function strays(storage, bundle, judge) {
  const found = [];
  for (let place = 0; place < (storage?.length ?? 0); place += 1) {
    const name = storage.key(place), of = ownerOf(name);
    if (!of || of[0] !== bundle || of[1] === judge) continue;
    const act = parsed(storage.getItem(name));
    if (act?.key && Number.isSafeInteger(act.number)) found.push({ name, judge: of[1], act });
  }
  return found.sort((a, b) => a.act.number - b.act.number);
}

// Makes them the present judge's. Their keys stay: what the server had already stored it will not store again.
export function adopt(storage, found, outbox) {
  for (const { name, act } of found) {
    outbox.add({ ...act, number: outbox.nextNumber() });
    storage.removeItem(name);
  }
}

// As `judgements import` reads them: under the judge who gave them. time: when they were saved, in ISO form.
export function lines(found, time) {
  return found.map(({ judge, act }) => `${JSON.stringify({ record: "act", ...act, judge, time })}\n`).join("");
}

function ownerOf(name) {
  const [, of] = /^sqid act (\[.*?"\]) [0-9a-f]+$/.exec(name ?? "") ?? [];
  const found = of ? parsed(of) : null;
  return Array.isArray(found) && found.length === 2 ? found : null;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// sent: called once they are the present judge's.
export function newStrays(sent) {
  const part = { root: element("div", "strays"), said: element("p", "said"), send: button("send", ""), save: button("save", "Save as a file") };
  part.root.setAttribute("role", "group");
  part.root.setAttribute("aria-label", "Acts of another judge");
  part.root.append(part.said, part.send, part.save);
  part.root.hidden = true;
  part.send.addEventListener("click", () => {
    if (!part.asked) return draw(part, true);
    adopt(part.storage, part.found, part.outbox);
    drawStrays(part, part.storage, part.about, part.outbox);
    sent();
  });
  part.save.addEventListener("click", () => save(part));
  return part;
}

export function drawStrays(part, storage, about, outbox) {
  Object.assign(part, { storage, about, outbox, found: strays(storage, about.bundle, about.judge) });
  draw(part, false);
}

function draw(part, asked) {
  const count = part.found.length, acts = count === 1 ? "1 act" : `${count} acts`;
  part.asked = asked;
  part.root.hidden = !count;
  write(part.said, asked
    ? `They will count as yours, behind all that you have said. Is it you who gave them?`
    : `${acts} of another judge of this browser ${count === 1 ? "was" : "were"} never confirmed, and ${count === 1 ? "waits" : "wait"}. A file keeps the judge: “judgements import” reads it.`);
  write(part.send, asked ? `Yes, send ${acts} as mine` : "Send as mine …");
}

function save(part) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines(part.found, new Date().toISOString())], { type: "application/x-ndjson" }));
  link.download = FILE;
  link.click();
  URL.revokeObjectURL(link.href);
}
