// The page's keys, for as long as a part stands in it. One that was taken out, while the page was drawn anew, hears again
// from its next run on: so this is called in each run. early: before the parts of the page hear of it.
export function listen(part, hear, target = document, early = false) {
  if (part.hears) return;
  part.hears = true;
  const onKey = (event) => {
    if (part.root.isConnected) return hear(event);
    part.hears = false;
    target.removeEventListener("keydown", onKey, early);
  };
  target.addEventListener("keydown", onKey, early);
}
