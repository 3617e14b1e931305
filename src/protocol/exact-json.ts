/**
 * JSON whose numbers JavaScript can't hold: it would write `1e999` as null, `9007199254740993` as
 * another number, and `1.10` as `1.1`. Here they stay as they stood.
 */

/** https://tc39.es/proposal-json-parse-with-source/ */
declare global {
  interface JSON {
    rawJSON(text: string): object;
  }
}

/** Some sign of such a number stands in the text, if only within a string. */
const SIGNS = /\d[eE]|\.\d*0(?!\d)|-0(?!\.)|[\d.]{16}|\b0\.0{6}/;

/** In valid JSON each string, and each number. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** Does JavaScript write the numbers of this valid JSON text as they stand? */
export function isExact(text: string): boolean {
  if (!SIGNS.test(text)) return true;
  for (const [token] of text.matchAll(TOKENS)) if (isInexact(token)) return false;
  return true;
}

/**
 * As `JSON.parse`, of valid text that is not nested deeper than `MAX_DEPTH`; numbers that would be
 * written in another way are objects, which `JSON.stringify` writes as they stood.
 */
export function parseExact(text: string): unknown {
  // Nobody can guess it, so no string of the text begins with it.
  const mark = crypto.randomUUID();
  // No reviver: V8 at times gives it no source, or another value, where names have escapes.
  return unmarked(JSON.parse(markInexact(text, mark)), mark);
}

/** Valid JSON text with a string, `mark` and its digits, in the place of each such number. */
export function markInexact(text: string, mark: string): string {
  return text.replace(TOKENS, (token) => (isInexact(token) ? `"${mark}${token}"` : token));
}

function unmarked(value: unknown, mark: string): unknown {
  if (typeof value === "string") {
    return value.startsWith(mark) ? JSON.rawJSON(value.slice(mark.length)) : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => unmarked(item, mark));
  // As own members, `__proto__` too.
  const members = Object.entries(value).map(([key, member]) => [key, unmarked(member, mark)]);
  return Object.fromEntries(members);
}

/** Is the token a number that JavaScript would write in another way? */
function isInexact(token: string): boolean {
  return !token.startsWith('"') && String(Number(token)) !== token;
}
