// Hears a click on a point of a plot. Plotly itself tells none while its lasso is active, or tells it twice, the second
// time as a choice of nothing: so a click is a press that lets go where it began, on the point that the label shows.
// A finger's first tap shows the label, its second is the click.
import { kept } from "../browser/kept.js";

const AWAY = 4;

export default function (component) {
  const clicks = kept(component, ".clicks", newClicks);
  if (!clicks) return;
  clicks.figure = component.data.figure;
  clicks.tell = component.setTriggerValue;
}

function newClicks(root) {
  const clicks = { root, pressed: null };
  const heard = { pointerdown: press, pointerup: release };
  for (const [kind, act] of Object.entries(heard)) {
    const hear = (event) => {
      if (root.isConnected) act(clicks, event);
      else window.removeEventListener(kind, hear, true);
    };
    window.addEventListener(kind, hear, true);
  }
  return clicks;
}

function press(clicks, event) {
  const plot = event.button ? null : event.target.closest?.(`${clicks.figure} .js-plotly-plot .plot-container`)?.parentElement;
  const point = plot?._hoverdata?.[0];
  clicks.pressed = point ? { x: event.clientX, y: event.clientY, point } : null;
}

function release(clicks, event) {
  const { pressed } = clicks;
  clicks.pressed = null;
  if (!pressed || Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > AWAY) return;
  clicks.tell("point", [pressed.point.curveNumber, pressed.point.pointNumber]);
}
