import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dropLast, isTooDeep, splitFirst } from "../../src/protocol/json-text.ts";
import { seeded } from "../support/random.ts";
import { randomArray, randomJson } from "../support/random-json.ts";

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

/** Depth of JSON text, counted another way: without its strings, level by level. */
function depthOf(json: string): number {
  let rest = json.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").replaceAll(/[^[\]{}]/g, "");
  let depth = 0;
  for (; rest !== ""; depth++) rest = peeled(rest);
  return depth;
}

/** Takes the innermost pair of each nest away, so that each nest is one level lower. */
function peeled(brackets: string): string {
  const lower = brackets.replaceAll(/\[\]|\{\}/g, "");
  if (lower === brackets) throw new Error(`not balanced: ${brackets}`);
  return lower;
}

const nested = (levels: number, inner = "") => "[".repeat(levels) + inner + "]".repeat(levels);

describe("dropLast", () => {
  it.each([
    ['["a",1]', '["a"]'],
    ['["a",1,{"x":2}]', '["a",1]'],
    ['["a",[1,2],[3,4]]', '["a",[1,2]]'],
    ['["a\\",",","]', '["a\\","]'],
    ['["a\\\\","b"]', '["a\\\\"]'],
    ['[ "a" , {"k":"]"} ]', '[ "a" ]'],
    ['["ä😀","\\ud800"]', '["ä😀"]'],
  ])("%s without its last is %s", (array, expected) => {
    expect(dropLast(array)).toBe(expected);
  });

  it.each(SEEDS)("says what JSON.parse says, seed %i", (seed) => {
    const random = seeded(seed);
    for (let i = 0; i < 100; i++) {
      const text = randomArray(random, 3, 2);
      const dropped = dropLast(text);
      expect(JSON.parse(dropped)).toEqual(JSON.parse(text).slice(0, -1));
      expect(text.startsWith(dropped.slice(0, -1))).toBe(true);
    }
  });
});

describe("splitFirst", () => {
  it.each([
    ['["a"]', '"a"', "[]"],
    ['["a",1,2]', '"a"', "[1,2]"],
    ['["a,b",[1,2]]', '"a,b"', "[[1,2]]"],
    ['["\\"]",1]', '"\\"]"', "[1]"],
    ["[5,null]", "5", "[null]"],
  ])("%s is %s and %s", (array, first, others) => {
    expect(splitFirst(array)).toEqual([first, others]);
  });

  it.each(SEEDS)("says what JSON.parse says, seed %i", (seed) => {
    const random = seeded(seed);
    for (let i = 0; i < 100; i++) {
      const text = randomArray(random, 3, 1);
      const [first, others] = splitFirst(text);
      const [expected, ...rest] = JSON.parse(text);
      expect(JSON.parse(first)).toEqual(expected);
      expect(JSON.parse(others)).toEqual(rest);
    }
  });
});

describe("text beside JSON.parse, by property", () => {
  /** An array's text, spaced as JSON.stringify can space it. */
  const anyArray = fc.tuple(fc.array(fc.jsonValue(), { minLength: 2 }), fc.nat({ max: 3 }));

  it("EMIT-2 dropLast takes off the last, and nothing else changes", () => {
    fc.assert(
      fc.property(anyArray, ([values, spaces]) => {
        const text = JSON.stringify(values, null, spaces);
        const dropped = dropLast(text);
        expect(JSON.parse(dropped)).toEqual(JSON.parse(text).slice(0, -1));
        expect(text.startsWith(dropped.slice(0, -1))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("SUB-2 splitFirst parts the first from the others, and nothing is lost", () => {
    fc.assert(
      fc.property(anyArray, ([values, spaces]) => {
        const text = JSON.stringify(values, null, spaces);
        const [first, others] = splitFirst(text);
        const [expected, ...rest] = JSON.parse(text);
        expect([JSON.parse(first), JSON.parse(others)]).toEqual([expected, rest]);
        expect(`[${first},${others.slice(1)}`).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe("isTooDeep", () => {
  it("64 levels are allowed, 65 are not", () => {
    expect(isTooDeep(nested(64))).toBe(false);
    expect(isTooDeep(nested(65))).toBe(true);
    expect(isTooDeep(nested(64, `"${"[".repeat(100)}"`))).toBe(false);
    expect(isTooDeep('{"a":'.repeat(65).concat("1", "}".repeat(65)))).toBe(true);
  });

  it("breadth is no depth, and a bracket in a string is no bracket", () => {
    expect(isTooDeep(`[${"[],".repeat(10_000)}0]`)).toBe(false);
    expect(
      isTooDeep(JSON.stringify(["[".repeat(1_000), '"['.repeat(1_000), "\\[".repeat(1_000)])),
    ).toBe(false);
  });

  it.each([5_000, 20_000, 500_000])("BAD-66 %i levels are too deep, and no recursion", (levels) => {
    expect(isTooDeep(nested(levels))).toBe(true);
  });

  it.each(SEEDS)("counts the levels of any JSON, seed %i", (seed) => {
    const random = seeded(seed);
    for (let i = 0; i < 20; i++) {
      const inner = randomJson(random, 4);
      const levels = 64 - depthOf(inner);
      expect(isTooDeep(nested(levels, inner))).toBe(false);
      expect(isTooDeep(nested(levels + 1, inner))).toBe(true);
    }
  });
});
