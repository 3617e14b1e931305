import { describe, expect, it } from "vitest";
import { formatOffset, locate, parseOffset } from "../../src/log/offset.ts";

describe("parseOffset", () => {
  it.each([
    ["k3f9-42", { epoch: "k3f9", seq: 42 }],
    ["k3f9-0", { epoch: "k3f9", seq: 0 }],
    ["42", { epoch: undefined, seq: 42 }],
    [42, { epoch: undefined, seq: 42 }],
    [0, { epoch: undefined, seq: 0 }],
    ["9007199254740991", { epoch: undefined, seq: Number.MAX_SAFE_INTEGER }],
  ])("SUB-4 reads %j", (value, offset) => {
    expect(parseOffset(value)).toEqual(offset);
  });

  it.each([
    [""],
    [-1],
    ["-1"],
    [1.5],
    ["1.5"],
    ["1e3"],
    [1e21],
    [Number.NaN],
    ["NaN"],
    ["042"],
    [" 42"],
    ["42\n"],
    ["k3f9-"],
    ["k3f9-042"],
    ["K3F9-42"],
    ["-42"],
    ["a-b-42"],
    ["x:1' OR 1=1--"],
    ["9".repeat(400)],
    ["9007199254740992"],
    [`${"e".repeat(33)}-1`],
    [{}],
    [[1]],
    [true],
    [null],
    [undefined],
  ])("SUB-6 %j is none", (value) => {
    expect(parseOffset(value)).toBeUndefined();
  });

  it("reads back what formatOffset writes", () => {
    expect(parseOffset(formatOffset("k3f9", 7))).toEqual({ epoch: "k3f9", seq: 7 });
  });
});

describe("locate", () => {
  const log = { epoch: "now", first: 11, head: 20 };

  it.each([
    ["now-20", 20],
    ["now-15", 15],
    ["now-10", 10],
    ["15", 15],
    [15, 15],
    ["now-9", "trimmed"],
    ["9", "trimmed"],
    ["now-0", "trimmed"],
    ["now-21", "future"],
    [21, "future"],
    ["old-15", "epoch"],
    ["old-999", "epoch"],
    ["nonsense", "malformed"],
    [{}, "malformed"],
  ])("SUB-6 %j is %j", (value, expected) => {
    expect(locate(value, log)).toBe(expected);
  });

  it("SUB-3 a bare 0 asks for what is kept, and is never a gap", () => {
    expect(locate("0", log)).toBe(10);
    expect(locate(0, log)).toBe(10);
    expect(locate("0", { epoch: "now", first: 1, head: 0 })).toBe(0);
  });

  it("KEEP-1 in an emptied log only its head can be served", () => {
    const emptied = { epoch: "now", first: 21, head: 20 };
    expect(locate("now-20", emptied)).toBe(20);
    expect(locate("now-19", emptied)).toBe("trimmed");
  });
});
