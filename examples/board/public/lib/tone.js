const TONES = 6;

/** One of six colours for somebody. @param {string} id */
export function tone(id) {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % 9_973;
  return String(sum % TONES);
}
