/**
 * JSON whose numbers JavaScript can't hold: it would write `1e999` as null, `9007199254740993` as
 * another number, and `1.10` as `1.1`. Here they stay as they stood.
 */

/** Source text of JSON's numbers: https://tc39.es/proposal-json-parse-with-source/ */
declare global {
  interface JSON {
    rawJSON(text: string): object;
  }
}

type Reviver = (key: string, value: unknown) => unknown;

/** Some sign of such a number stands in the text, if only within a string. */
const SIGNS = /\d[eE]|\.\d*0(?!\d)|-0(?!\.)|[\d.]{16}|\b0\.0{6}/;

/** In valid JSON each string, and each number. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** Does JavaScript write the numbers of this valid JSON text as they stand? */
export function isExact(text: string): boolean {
  if (!SIGNS.test(text)) return true;
  for (const [token] of text.matchAll(TOKENS)) {
    if (!token.startsWith('"') && String(Number(token)) !== token) return false;
  }
  return true;
}

/**
 * As `JSON.parse`, of text that is not nested deeper than `MAX_DEPTH`; numbers that would be written
 * in another way are objects, which `JSON.stringify` writes as they stood.
 */
export function parseExact(text: string): unknown {
  return JSON.parse(text, restore as Reviver);
}

function restore(_key: string, value: unknown, { source }: { readonly source: string }): unknown {
  return typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value;
}
