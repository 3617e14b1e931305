/** Random JSON text, written as other languages' encoders may write it. */
import type { Random } from "./random.ts";

const STRINGS = [
  '""',
  '"plain"',
  '"a,b"',
  '"[1,2]"',
  '"]}"',
  '"\\""',
  '"\\\\"',
  '"\\\\\\","',
  '"\\u005b,\\ud83d\\ude00"',
  '"\\ud800"',
  '"äöü, 漢字 😀"',
  '"\\n\\t\\/"',
  '"{\\"a\\":[1,2]}"',
  '"_placeholder"',
  '"__proto__"',
] as const;
const SCALARS = ["0", "-0", "1.5", "-12e3", "1E+2", "1e999", "true", "false", "null"] as const;
const SPACES = ["", "", "", " ", "\n", "\t ", "\r\n"] as const;

/** Text of any JSON value; arrays and objects are nested up to `depth`. */
export function randomJson(random: Random, depth: number): string {
  const kind = random.below(depth > 0 ? 4 : 2);
  if (kind === 0) return random.pick(STRINGS);
  if (kind === 1) return random.pick(SCALARS);
  return kind === 2 ? randomArray(random, depth - 1, 0) : randomObject(random, depth - 1);
}

/** Text of an array with at least `least` elements. */
export function randomArray(random: Random, depth: number, least: number): string {
  const items = Array.from({ length: least + random.below(4) }, () => randomJson(random, depth));
  return wrap(random, "[", items, "]");
}

function randomObject(random: Random, depth: number): string {
  const members = Array.from({ length: random.below(4) }, () => {
    const key = random.pick(STRINGS);
    return `${key}${space(random)}:${space(random)}${randomJson(random, depth)}`;
  });
  return wrap(random, "{", members, "}");
}

function wrap(random: Random, open: string, items: string[], close: string): string {
  const spaced = items.map((item) => space(random) + item + space(random));
  return open + (items.length === 0 ? space(random) : spaced.join(",")) + close;
}

function space(random: Random): string {
  return random.pick(SPACES);
}
