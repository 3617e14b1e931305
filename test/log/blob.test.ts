import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packAttachments, unpackAttachments } from "../../src/log/blob.ts";

const anyAttachments = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 });

describe("attachments as one blob", () => {
  it("SUB-10 what was packed is unpacked, and so from the middle of a larger buffer", () => {
    fc.assert(
      fc.property(anyAttachments, fc.nat({ max: 7 }), (attachments, before) => {
        const blob = packAttachments(attachments);
        expect(unpackAttachments(blob)).toEqual(attachments);
        if (blob === null) return;
        const larger = new Uint8Array(before + blob.length + 3);
        larger.set(blob, before);
        const view = larger.subarray(before, before + blob.length);
        expect(unpackAttachments(view)).toEqual(attachments);
      }),
      { numRuns: 500 },
    );
  });

  it("SUB-10 differs if the attachments do", () => {
    fc.assert(
      fc.property(anyAttachments, anyAttachments, (a, b) => {
        const same = JSON.stringify(a.map(String)) === JSON.stringify(b.map(String));
        expect(String(packAttachments(a)) === String(packAttachments(b))).toBe(same);
      }),
      { numRuns: 500 },
    );
  });

  it("is nothing where there are none", () => {
    expect(packAttachments([])).toBeNull();
    expect(unpackAttachments(null)).toEqual([]);
  });

  it("each attachment is its length in 32 bits, and its bytes: what is stored can be read for ever", () => {
    const blob = packAttachments([new Uint8Array([7, 8]), new Uint8Array(), new Uint8Array([9])]);
    expect(blob?.join()).toBe("0,0,0,2,7,8,0,0,0,0,0,0,0,1,9");
    expect(
      packAttachments([new Uint8Array(70_000)])
        ?.subarray(0, 4)
        .join(),
    ).toBe("0,1,17,112");
  });
});
