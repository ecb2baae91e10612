// The routes beside Streamlit's. A request that hangs counts as one that reached nobody.

const PATIENCE = 20_000;

export function post(address, letter) {
  return asked(`${address}/acts`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(letter),
  });
}

export function get(address, name, asks) {
  return asked(`${address}/${name}?${new URLSearchParams(asks)}`, {});
}

// {status, answer}; answer is null where that is no JSON, as a proxy's own page. Fails where nobody is reached.
const asked = async (address, options) => {
  const reply = await fetch(address, { ...options, credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
  return { status: reply.status, answer: await reply.json().catch(() => null) };
};
