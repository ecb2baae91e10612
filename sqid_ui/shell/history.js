// The browser's history: one entry for a page that somebody comes to, and everything where it was on Back and Forward.
// Mounted by the app around all pages; runs once.

const WAIT = 10_000; // milliseconds that a page may take until it is as long as it was
const QUIET = 700; // and how long nothing may run until it is done

export default function () {
  if (window.sqidHistory) return;
  window.sqidHistory = true;
  joinArrivals();
  keepScrolls();
}

// Streamlit opens a page in one entry, and the page then writes its settings in another; where a page opens another with
// parameters, Streamlit first writes them to the page that is left, which may answer with an address of its own. One
// thing that the visitor does is one entry: what is written before the next takes the place of what was written last.
function joinArrivals() {
  const push = window.history.pushState;
  let arrived = false, wrote = false;
  window.history.pushState = function (state, title, address) {
    const leaves = new URL(address, window.location.href).pathname !== window.location.pathname;
    const again = leaves ? wrote : arrived || wrote;
    (again ? window.history.replaceState : push).call(window.history, state, title, address);
    [arrived, wrote] = [leaves, !leaves];
  };
  const acted = () => ([arrived, wrote] = [false, false]);
  // A reader's program may press without a pointer or a key.
  for (const kind of ["pointerdown", "keydown", "click"]) window.addEventListener(kind, acted, true);
  window.addEventListener("popstate", () => ([arrived, wrote] = [true, false]));
}

// How far each part of a page was scrolled, by the address it had then.
function keepScrolls() {
  const known = new Map();
  let wanted = null;
  document.addEventListener(
    "scroll",
    ({ target }) => {
      const name = wanted ? null : nameOf(target);
      if (!name) return;
      const here = known.get(window.location.href) ?? new Map();
      known.set(window.location.href, here.set(name, target.scrollTop));
    },
    true,
  );
  window.addEventListener("popstate", () => {
    wanted = new Map(known.get(window.location.href));
    const until = performance.now() + WAIT;
    let quiet = performance.now();
    // In every frame: the page that was left is still there at first, and the one that comes grows part by part.
    const look = () => {
      const now = performance.now();
      if (document.querySelector("[data-test-script-state='running']")) quiet = now;
      for (const [name, top] of wanted ?? []) putBack(name, top);
      if (!wanted?.size || now > until || now > quiet + QUIET) wanted = null;
      else requestAnimationFrame(look);
    };
    look();
  });
  for (const kind of ["wheel", "pointerdown", "keydown"]) window.addEventListener(kind, () => (wanted = null), true);
}

function nameOf(target) {
  if (!(target instanceof Element)) return null;
  if (target.matches("[data-testid=stMain]")) return "page";
  return target.dataset.scroll ?? null;
}

function putBack(name, top) {
  const part = document.querySelector(name === "page" ? "[data-testid=stMain]" : `[data-scroll="${name}"]`);
  if (part && part.scrollHeight - part.clientHeight >= top) part.scrollTop = top;
}
