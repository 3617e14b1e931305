import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isExact, parseExact } from "../../src/protocol/exact-json.ts";

describe("numbers that JavaScript can't hold", () => {
  it.each([
    "1e999",
    "-1E400",
    "9007199254740993",
    "12345678901234567890",
    "-0",
    "1.10",
    "1.0",
    "1e5",
    "0.0000001",
    "0.10000000000000001",
    "-0.0",
  ])("BAD-67 %s is written as it stood", (number) => {
    const text = `[{"a":[${number}]},"${number}",${number}]`;
    expect(isExact(text)).toBe(false);
    expect(JSON.stringify(parseExact(text))).toBe(text);
  });

  it.each([
    "0",
    "-1",
    "1.5",
    "0.1",
    "100",
    "-12.034",
    "9007199254740992",
    "0.000001",
    "0.3333333333333333",
    '"1e999"',
    '"-0"',
    '"a\\\\","1.10"',
    '"\\"1e999"',
    "true",
    "null",
    "[]",
    '{"1.10":1}',
  ])("BAD-67 %s is left to JSON.parse", (text) => {
    expect(isExact(`[${text}]`)).toBe(true);
  });

  it("BAD-67 all of them, wherever they stand", () => {
    const inexact = fc.constantFrom("1e999", "-0", "1.10", "9007199254740993", "1E-7");
    fc.assert(
      fc.property(fc.jsonValue(), fc.infiniteStream(inexact), (value, numbers) => {
        const text = JSON.stringify([value, 1]).replace(
          /"(?:[^"\\]|\\.)*"|-?\d[^\]},]*/g,
          (token) => (token.startsWith('"') ? token : String(numbers.next().value)),
        );
        expect(isExact(text)).toBe(false);
        expect(JSON.stringify(parseExact(text))).toBe(text);
      }),
    );
  });

  it("BAD-67 what JavaScript wrote is exact", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const text = JSON.stringify(JSON.parse(json));
        expect(isExact(text)).toBe(true);
        expect(JSON.stringify(parseExact(text))).toBe(text);
      }),
    );
  });
});
