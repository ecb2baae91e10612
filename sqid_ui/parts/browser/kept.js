// A component's function runs at every rerun of the page; what it draws and remembers outlives the run with its root.

const states = new WeakMap();

// component: what Streamlit hands in. make: (root) -> the state to keep. null while there is nothing to draw into, or
// nothing to draw.
export function kept(component, selector, make) {
  const root = component.parentElement.querySelector(selector);
  if (!root || !component.data) return null;
  if (!states.has(root)) states.set(root, make(root));
  return states.get(root);
}
