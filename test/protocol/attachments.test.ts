import { Encoder, PacketType } from "socket.io-parser";
import { describe, expect, it } from "vitest";
import {
  fillIn,
  placeholdersFit,
  sameAttachments,
  takeOut,
} from "../../src/protocol/attachments.ts";

const bytes = (...values: number[]) => new Uint8Array(values);
const at = (num: number) => ({ _placeholder: true, num });

class Point {
  readonly at = bytes(1, 2);
  get sum(): number {
    return 3;
  }
}

describe("takeOut", () => {
  it.each([
    ["a date", [new Date(5), bytes(1)]],
    ["an object that says what it is as JSON", [{ toJSON: () => ({ it: bytes(1) }) }]],
    ["one that says it is itself", [{ toJSON: toItself, it: bytes(1) }]],
    ["an instance of a class", [new Point()]],
    ["an object without a prototype", [Object.assign(Object.create(null), { it: bytes(1) })]],
    ["undefined, here and there", [undefined, { a: undefined, b: bytes(1) }]],
    ["a view of words", [Uint16Array.of(1, 258)]],
    ["nothing binary", [new Date(5), { toJSON: () => "x" }, new Map([[1, 2]])]],
  ])("SUB-10 writes what the official encoder writes: %s", (_, args) => {
    const data = ["name", ...args];
    const [text] = new Encoder().encode({ type: PacketType.EVENT, nsp: "/", data });
    const written = takeOut(data);
    const head = written.attachments.length > 0 ? `5${written.attachments.length}-` : "2";
    expect(head + JSON.stringify(written.args)).toBe(text);
  });

  it("SUB-10 one value in several places is one attachment", () => {
    const shared = bytes(1, 2, 3);
    expect(takeOut([shared, { again: [shared] }, bytes(1, 2, 3), shared])).toEqual({
      args: [at(0), { again: [at(0)] }, at(1), at(0)],
      attachments: [shared, bytes(1, 2, 3)],
    });
  });

  it("SUB-10 copies: what becomes of a buffer changes nothing that was sent", () => {
    const [own, view] = [bytes(1, 2), new DataView(bytes(9, 3, 4, 9).buffer, 1, 2)];
    const { attachments } = takeOut([own, own.buffer, view]);
    own.fill(0);
    view.setUint16(0, 0);
    expect(attachments).toEqual([bytes(1, 2), bytes(1, 2), bytes(3, 4)]);
  });

  it("BAD-58 refuses more than ten, which no reader of today takes", () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => bytes(i));
    expect(takeOut(many(10)).attachments).toHaveLength(10);
    expect(() => takeOut(many(11))).toThrow(RangeError);
    expect(() => takeOut([{ nested: [many(11)] }])).toThrow(RangeError);
  });

  it("BAD-59 refuses what looks like a placeholder, where it would be taken for one", () => {
    const lookalikes = [at(0), at(7), { _placeholder: true }, { toJSON: () => at(3) }];
    for (const lookalike of lookalikes) {
      expect(() => takeOut([lookalike, bytes(1)])).toThrow(TypeError);
      expect(() => takeOut([bytes(1), { deep: [lookalike] }])).toThrow(TypeError);
      // Without binary it is an object as any other.
      expect(takeOut([lookalike])).toEqual({ args: [lookalike], attachments: [] });
    }
    expect(takeOut([{ _placeholder: 1 }, bytes(1)]).attachments).toHaveLength(1);
  });

  it("BAD-53 a key called __proto__ stays one, and what it holds goes along", () => {
    const { args, attachments } = takeOut([JSON.parse('{"__proto__":{"admin":true}}'), bytes(1)]);
    expect(JSON.stringify(args)).toBe(`[{"__proto__":{"admin":true}},${JSON.stringify(at(0))}]`);
    expect(attachments).toEqual([bytes(1)]);
  });
});

function toItself<T>(this: T): T {
  return this;
}

describe("fillIn", () => {
  const attachments = [bytes(1), bytes(2, 2)];

  it("SUB-10 puts bytes where placeholders are, and nothing else", () => {
    const args = ["name", at(1), { deep: [at(0), { _placeholder: 1, num: 0 }] }, null, 5];
    expect(fillIn(args, attachments)).toEqual([
      "name",
      bytes(2, 2),
      { deep: [bytes(1), { _placeholder: 1, num: 0 }] },
      null,
      5,
    ]);
  });

  it("without attachments a placeholder is an object as any other", () => {
    expect(fillIn(["name", at(0)], [])).toEqual(["name", at(0)]);
  });

  it("SUB-10 copies: who changes the arguments does not change the event", () => {
    const [filled] = fillIn([at(1)], attachments) as unknown as [Uint8Array];
    filled.fill(0);
    expect(attachments).toEqual([bytes(1), bytes(2, 2)]);
  });

  it("LIFE-3 many placeholders of one attachment take no more memory than one", () => {
    const filled = fillIn(
      Array.from({ length: 30_000 }, () => at(0)),
      [new Uint8Array(1_000_000)],
    );
    expect(new Set(filled as unknown[]).size).toBe(1);
  });

  it("BAD-53 a key called __proto__ stays one", () => {
    const filled = fillIn(JSON.parse('[{"__proto__":{"admin":true}}]'), attachments);
    expect(Object.getOwnPropertyNames(filled[0])).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(filled[0])).toBe(Object.prototype);
  });
});

describe("placeholdersFit", () => {
  it.each([
    [["a", at(0)], 1, true],
    [["a", at(0), at(0)], 1, true],
    [["a", [at(1)], { b: at(0) }], 2, true],
    [["a"], 1, false],
    [["a", at(0)], 2, false],
    [["a", at(1)], 1, false],
    [["a", at(-1)], 1, false],
    [["a", at(0.5)], 1, false],
    [["a", at(0), { _placeholder: true }], 1, false],
    [["a", at(0), { _placeholder: true, num: "0" }], 1, false],
    [["a", { ...at(0), inner: at(9) }], 1, true],
  ])("BAD-59 BAD-61 %j with %i: %j", (args, count, expected) => {
    expect(placeholdersFit(args, count)).toBe(expected);
  });
});

describe("sameAttachments", () => {
  it.each([
    [[], [], true],
    [[bytes(1, 2)], [bytes(1, 2)], true],
    [[bytes(1, 2)], [bytes(1, 3)], false],
    [[bytes(1, 2)], [bytes(1)], false],
    [[bytes(1)], [bytes(1, 2)], false],
    [[bytes(1, 2)], [bytes(1), bytes(2)], false],
    [[bytes()], [], false],
    [[bytes(1), bytes(2)], [bytes(2), bytes(1)], false],
  ])("%j and %j: %j", (a, b, expected) => {
    expect(sameAttachments(a, b)).toBe(expected);
  });
});
