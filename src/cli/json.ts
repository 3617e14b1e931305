/**
 * JSON as the command reads and writes it: every number as it stood. Where it is a value, a number that
 * JavaScript can't hold is a marked string; `JSON.rawJSON` would do without, but Node 20 has none.
 */
import { isExact, markInexact } from "../protocol/exact-json.ts";

/** Nobody can guess it, so no text that is read has it. */
const MARK = crypto.randomUUID();
const MARKED = new RegExp(`"${MARK}([^"]*)"`, "g");

export const json = {
  /** @throws SyntaxError */
  parse(text: string): unknown {
    const value: unknown = JSON.parse(text);
    return isExact(text) ? value : JSON.parse(markInexact(text, MARK));
  },

  stringify(value: unknown, replacer?: (key: string, value: unknown) => unknown): string {
    return JSON.stringify(value, replacer).replace(MARKED, "$1");
  },
};
