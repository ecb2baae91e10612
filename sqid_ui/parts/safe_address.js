// Only the web and this app's own pictures: anything else (javascript:, data:, file:) counts as no picture.
function safeAddress(address) {
  if (!address) return null;
  try {
    const url = new URL(address, document.baseURI);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}
