import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { json } from "../../src/cli/json.ts";

describe("JSON with every number as it stands", () => {
  it.each(["1e999", "-0", "1.10", "12345678901234567890", '{"a":[1E5,"1e5"],"-0":0.0000001}'])(
    "HTTP-1 %s is written as it was read",
    (text) => {
      expect(json.stringify(json.parse(text))).toBe(text);
    },
  );

  it("HTTP-1 all else is as JSON has it", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const plain = JSON.parse(text);
        expect(JSON.parse(json.stringify(json.parse(text)))).toEqual(
          JSON.parse(JSON.stringify(plain)),
        );
      }),
    );
  });

  it.each(["01", "1.", "{a:1e5}", "[-0", ""])("%j is none", (text) => {
    expect(() => json.parse(text)).toThrow(SyntaxError);
  });
});
