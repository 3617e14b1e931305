import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Content, contentDigest, sameContent } from "../../src/log/content.ts";

const rooms = fc.uniqueArray(fc.constantFrom("red", "blue", "]", '"'));

const anyContent = fc.record({
  data: fc.array(fc.jsonValue()).map((args) => JSON.stringify(["name", ...args])),
  attachments: fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 3 }),
  audience: fc.option(fc.record({ to: rooms, except: rooms })),
});

/** The same, written otherwise: spaces, escapes for all that can be escaped, rooms in another order. */
function rewritten({ data, attachments, audience }: Content): Content {
  const spaced = JSON.stringify(JSON.parse(data), null, 2);
  const escaped = spaced.replaceAll(
    /[^\0-~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return {
    data: escaped,
    attachments: attachments.map((bytes) => new Uint8Array(bytes)),
    audience: audience && {
      to: audience.to.toReversed(),
      except: audience.except.toReversed(),
    },
  };
}

const content = (data: string, ...attachments: number[][]): Content => {
  return { data, attachments: attachments.map((bytes) => new Uint8Array(bytes)), audience: null };
};

const RED = { to: ["red"], except: [] };

describe("an event's content", () => {
  it("EMIT-2 is the same if it says the same, however it is written", () => {
    fc.assert(
      fc.property(anyContent, (event) => {
        expect(sameContent(event, rewritten(event))).toBe(true);
        expect(contentDigest(rewritten(event))).toBe(contentDigest(event));
      }),
      { numRuns: 500 },
    );
  });

  it("EMIT-2 its digest differs where the content does, and is a safe integer", () => {
    fc.assert(
      fc.property(anyContent, anyContent, (a, b) => {
        expect(contentDigest(a) === contentDigest(b)).toBe(sameContent(a, b));
        expect(Number.isSafeInteger(contentDigest(a))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each<[string, Content, Content]>([
    ["a number", content('["a",1]'), content('["a",2]')],
    ["a type", content('["a",1]'), content('["a","1"]')],
    ["an order of keys", content('["a",{"x":1,"y":2}]'), content('["a",{"y":2,"x":1}]')],
    ["a byte", content('["a"]', [0, 1]), content('["a"]', [0, 2])],
    ["a byte at the end", content('["a"]', [0]), content('["a"]', [0, 0])],
    ["where one attachment ends", content('["a"]', [1, 2], [3]), content('["a"]', [1], [2, 3])],
    ["an empty attachment", content('["a"]', [1]), content('["a"]', [1], [])],
    ["their order", content('["a"]', [1], [2]), content('["a"]', [2], [1])],
    ["whom it is for", content('["a"]'), { ...content('["a"]'), audience: RED }],
    [
      "who is left out",
      { ...content('["a"]'), audience: RED },
      { ...content('["a"]'), audience: { to: [], except: ["red"] } },
    ],
  ])("EMIT-2 differs by %s", (_, a, b) => {
    expect(sameContent(a, b)).toBe(false);
    expect(contentDigest(a)).not.toBe(contentDigest(b));
  });

  it("EMIT-2 no two of 300,000 neighbours have one digest", () => {
    const digests = new Set<number>();
    for (let n = 0; n < 200_000; n++) digests.add(contentDigest(content(`["a",${n}]`)));
    for (let n = 0; n < 100_000; n++) {
      digests.add(contentDigest(content('["a"]', [n & 255, 0, n >> 8, 0, n >> 16])));
    }
    // The last of the bytes is 0 or 1, so that all are different.
    expect(digests.size).toBe(300_000);
  });
});
