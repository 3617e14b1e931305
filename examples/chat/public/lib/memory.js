/** What the browser remembers: who we are here, and what is not stored yet. */

const PREFIX = "roomlog-chat.";

export function remembered(name, otherwise, storage = localStorage) {
  try {
    return JSON.parse(storage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(name, value, storage = localStorage) {
  storage.setItem(PREFIX + name, JSON.stringify(value));
}

/** The secret by which the room knows this person again. */
export function clientId() {
  const known = remembered("client-id");
  if (typeof known === "string") return known;
  const made = randomId();
  remember("client-id", made);
  return made;
}

/** Not crypto.randomUUID, which a phone that tries a machine's address over http does not have. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
