import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64, encodeBase64 } from "../../src/protocol/base64.ts";
import { packetLikeText } from "./arbitrary.ts";

const RUNS = { numRuns: 1_000 };

/** Whole groups of four characters, padded: as the RFC writes it. */
const STRICT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

describe("base64 beside Buffer's", () => {
  it("bytes become the same text, and text the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString("base64");
        expect(encodeBase64(bytes)).toBe(text);
        expect(decodeBase64(text)).toEqual(bytes);
      }),
      RUNS,
    );
  });

  it("BAD-22 any text is read as Buffer reads it, or refused if it is not strict", () => {
    const nearly = fc.string({ unit: fc.constantFrom(..."AQgw+/=-_ \n!é"), maxLength: 12 });
    fc.assert(
      fc.property(fc.oneof(nearly, fc.base64String(), packetLikeText), (text) => {
        const bytes = STRICT.test(text) ? new Uint8Array(Buffer.from(text, "base64")) : undefined;
        expect(decodeBase64(text)).toEqual(bytes);
      }),
      RUNS,
    );
  });

  it("a view of a larger buffer is only what it shows", () => {
    expect(encodeBase64(new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4))).toBe("AQID");
  });

  it.each([0, 1, 8_191, 8_192, 8_193, 100_000])("%i bytes", (length) => {
    const bytes = new Uint8Array(length).map((_, i) => i * 7);
    expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
  });

  it("LIFE-3 text of any length is read, good or bad, and overflows nothing", () => {
    const text = "A".repeat(16_000_000);
    expect(decodeBase64(text)).toHaveLength(12_000_000);
    expect(decodeBase64(`${text.slice(1)}!`)).toBeUndefined();
    expect(decodeBase64(`${text}=`)).toBeUndefined();
  });
});
