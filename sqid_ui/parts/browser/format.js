// Numbers as the app writes them, with a minus sign that is as wide as the plus.

// A dash where the number is undefined.
export function fixed(value, decimals) {
  return Number.isNaN(value) ? "–" : value.toFixed(decimals).replace("-", "−");
}

// A change, with its sign. Four decimals, as everywhere; one that would vanish shows its first digit.
export function signed(value) {
  const size = Math.abs(value);
  const text = size < 0.00005 && size > 1e-9 ? size.toPrecision(1) : size.toFixed(4);
  return (Number(text) === 0 ? "" : value > 0 ? "+" : "−") + text;
}

export function percent(share) {
  return `${100 * share}%`;
}
