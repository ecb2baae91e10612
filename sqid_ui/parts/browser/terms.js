// A term that says what it means where it stands: to a pointer above it, to the keyboard's focus and to a tap.

// node: what shows the term. name: such as `NDCG@10`, the cut-off of which has no words of its own. terms: by name.
export function explain(node, name, terms) {
  const says = terms[name] ?? terms[name.split("@")[0]];
  node.classList.toggle("term", Boolean(says));
  if (!says) return node;
  node.dataset.says = says;
  node.tabIndex = 0;
  node.setAttribute("role", "note");
  node.setAttribute("aria-description", says);
  return node;
}
