/** Lines of a stream, together as they came. */
import { describe, expect, it } from "vitest";
import { batches } from "../../src/cli/batches.ts";
import { collect, oneByOne } from "../support/collect.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const batchesOf = (...chunks: string[]) => collect(batches(oneByOne(chunks.map(bytes))));

describe("batches of lines", () => {
  it("hold what came together, numbered, without blank lines", async () => {
    expect(await batchesOf("a\nb\n\n c", "d\n", "e")).toEqual([
      [
        { text: "a", number: 1 },
        { text: "b", number: 2 },
      ],
      [{ text: " cd", number: 4 }],
      [{ text: "e", number: 5 }],
    ]);
  });

  it("are nothing where nothing is", async () => {
    expect(await batchesOf()).toEqual([]);
    expect(await batchesOf("\n \n", "")).toEqual([]);
  });

  it("have at most 500 lines, and 1,000,000 characters unless a line has more", async () => {
    const short = await batchesOf("x\n".repeat(1_001));
    expect(short.map((lines) => lines.length)).toEqual([500, 500, 1]);
    const [half, long] = ["x".repeat(500_000), "x".repeat(1_500_000)];
    const lengthy = await batchesOf([half, half, half, long, half].join("\n"));
    expect(lengthy.flat().map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    // The last has no end of its own, so it comes when the stream has ended.
    expect(lengthy.map((lines) => lines.length)).toEqual([2, 1, 1, 1]);
  });

  it("take characters apart by no chunk", async () => {
    const all = bytes("ä\u{1f600}\n");
    const each = Array.from(all, (byte) => Uint8Array.of(byte));
    expect(await collect(batches(oneByOne(each)))).toEqual([[{ text: "ä\u{1f600}", number: 1 }]]);
  });

  it("refuse what is no UTF-8, instead of changing it", async () => {
    await expect(collect(batches(oneByOne([Uint8Array.of(0xff, 0x0a)])))).rejects.toThrow(
      TypeError,
    );
  });
});
