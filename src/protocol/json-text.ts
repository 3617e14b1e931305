/** Looks into JSON text that is known to be valid, without turning it into values and back. */

/** JSON nested deeper than this is refused: far deeper parses, but can't be written again. */
export const MAX_DEPTH = 64;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Is this JSON text nested deeper than `MAX_DEPTH`? */
export function isTooDeep(text: string): boolean {
  // Each level takes two brackets: short text can't be deep.
  if (text.length <= 2 * MAX_DEPTH) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = endOfString(text, i);
    else if (c === OPEN_BRACKET || c === OPEN_BRACE) {
      if (++depth > MAX_DEPTH) return true;
    } else if (c === CLOSE_BRACKET || c === CLOSE_BRACE) depth--;
  }
  return false;
}

/**
 * Takes the last element off the text of a valid JSON array with two or more elements.
 * @example dropLast('["a",1,{"x":2}]') === '["a",1]'
 */
export function dropLast(array: string): string {
  return `${array.slice(0, commasOf(array).at(-1))}]`;
}

/**
 * Parts the first element of the text of a valid JSON array from the others; of an empty array it
 * is the empty text.
 * @example splitFirst('["a",1,2]') // ['"a"', '[1,2]']
 */
export function splitFirst(array: string): [first: string, others: string] {
  const [comma] = commasOf(array, 1);
  if (comma === undefined) return [array.slice(1, -1), "[]"];
  return [array.slice(1, comma), `[${array.slice(comma + 1)}`];
}

/** Where the commas between an array's own elements are; at most the first `most`. */
function commasOf(array: string, most = array.length): number[] {
  const commas: number[] = [];
  let depth = 0;
  for (let i = 0; i < array.length && commas.length < most; i++) {
    const c = array.charCodeAt(i);
    if (c === QUOTE) i = endOfString(array, i);
    else if (c === OPEN_BRACKET || c === OPEN_BRACE) depth++;
    else if (c === CLOSE_BRACKET || c === CLOSE_BRACE) depth--;
    else if (c === COMMA && depth === 1) commas.push(i);
  }
  return commas;
}

/** Index of the quote that ends the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  for (let from = start + 1; ; ) {
    // Long strings are searched by the engine, not by this loop.
    const quote = text.indexOf('"', from);
    if (quote < 0) return text.length;
    let escapes = 0;
    while (text.charCodeAt(quote - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return quote;
    from = quote + 1;
  }
}
