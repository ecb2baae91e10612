// Only the web and this app's own pictures: anything else (javascript:, data:, file:) counts as no picture.
export function safeAddress(address, base = document.baseURI) {
  if (!address) return null;
  try {
    const url = new URL(address, base);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}
