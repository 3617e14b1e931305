/** An idempotency key or client id. `crypto.randomUUID` is missing on plain
 *  http (a phone on the local network), `getRandomValues` is not. */
export function randomKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Without the letters and digits that look alike when read from a screen.
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

export function randomRoom() {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return `demo-${Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("")}`;
}
