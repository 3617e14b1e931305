/** What a message may say. */
import { Refused } from "./refused.ts";

export const LONGEST_TEXT = 500;

/**
 * @param banned words that nobody may use, in lower case
 * @returns the text as it is to be posted
 */
export function readText(text: string, banned: ReadonlySet<string>): string {
  const trimmed = text.trim();
  if (trimmed === "") throw new Refused("empty", "there is nothing in it");
  if ([...trimmed].length > LONGEST_TEXT) {
    throw new Refused("too_long", `a message has at most ${LONGEST_TEXT} characters`);
  }
  // Compatibility forms too: full-width letters spell the same words.
  for (const [word] of trimmed
    .normalize("NFKC")
    .toLowerCase()
    .matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    if (banned.has(word)) throw new Refused("bad_word", `"${word}" is not said here`);
  }
  return trimmed;
}

/** The words of a list such as `darn, heck`. */
export function readWords(list: string): Set<string> {
  const words = list
    .normalize("NFKC")
    .toLowerCase()
    .split(/[\s,]+/);
  return new Set(words.filter((word) => word !== ""));
}
