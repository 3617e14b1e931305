// An offset is opaque to a client: store it, send it back. This page takes it
// apart only to show it and to draw the log.

export function parseOffset(offset) {
  if (typeof offset !== "string") return null;
  const dash = offset.lastIndexOf("-");
  const seq = Number(offset.slice(dash + 1));
  if (dash < 1 || !Number.isSafeInteger(seq) || seq < 0) return null;
  return { epoch: offset.slice(0, dash), seq };
}

/** Fills an element with the offset as a badge: epoch dimmed, seq emphasised. */
export function showOffset(element, offset) {
  const parsed = parseOffset(offset);
  if (!parsed) {
    element.textContent = offset ?? "none yet";
    return;
  }
  const epoch = document.createElement("span");
  epoch.className = "epoch";
  epoch.textContent = `${parsed.epoch}-`;
  const seq = document.createElement("span");
  seq.className = "seq";
  seq.textContent = String(parsed.seq);
  element.replaceChildren(epoch, seq);
}
