import { decodePayload, encodePayload } from "engine.io-parser";
import { describe, expect, it } from "vitest";
import {
  encodeOpen,
  isLongerThan,
  packetsOf,
  takePayload,
  utf8Length,
} from "../../src/protocol/engine.ts";
import { seeded } from "../support/random.ts";

const messages = (count: number, text = "x") => Array.from({ length: count }, () => `4${text}`);
const packets = (payload: string) => payload.split("\x1e");

describe("packetsOf", () => {
  it.each([
    ["4hello", ["4hello"]],
    ["4a\x1e4b\x1e2", ["4a", "4b", "2"]],
    ["", [""]],
    ["\x1e", ["", ""]],
    ["4a\x1e", ["4a", ""]],
    ["\x1e4a", ["", "4a"]],
    ["4ä😀\x1e4\u2028", ["4ä😀", "4\u2028"]],
  ])("splits %j", (payload, expected) => {
    expect([...packetsOf(payload)]).toEqual(expected);
  });

  it("splits what the official encoder joins", () => {
    const texts = ["", "a", "ä😀", "{}", "2", "\u0000"];
    const data = texts.map((text) => ({ type: "message", data: text }) as const);
    let payload: string | undefined;
    encodePayload([...data], (encoded) => {
      payload = encoded;
    });
    expect([...packetsOf(payload ?? "")]).toEqual(texts.map((text) => `4${text}`));
  });

  it("BAD-19 gives the first packet before it has looked for the others", () => {
    const first = packetsOf("7".concat("\x1e".repeat(500_000))).next();
    expect(first).toEqual({ done: false, value: "7" });
  });
});

describe("takePayload", () => {
  it("takes at most 16 packets, from the front", () => {
    const queue = Array.from({ length: 40 }, (_, i) => `4${i}`);
    expect(packets(takePayload(queue, 1_000))).toEqual(messages(16).map((_, i) => `4${i}`));
    expect(queue).toHaveLength(24);
    expect(queue[0]).toBe("416");
    expect(packets(takePayload(queue, 1_000))).toHaveLength(16);
    expect(packets(takePayload(queue, 1_000))).toHaveLength(8);
    expect(queue).toEqual([]);
  });

  it("takes no more than maxPayload bytes, separators among them", () => {
    // Two packets of 5 bytes and the separator.
    expect(packets(takePayload(["4aaaa", "4bbbb"], 11))).toHaveLength(2);
    expect(packets(takePayload(["4aaaa", "4bbbb"], 10))).toHaveLength(1);
  });

  it("counts bytes in UTF-8, not characters", () => {
    // 1 + 4 and 1 + 2 bytes, and the separator: 9.
    expect(packets(takePayload(["4😀", "4ä"], 9))).toHaveLength(2);
    expect(packets(takePayload(["4😀", "4ä"], 8))).toHaveLength(1);
  });

  it("a single packet that is larger goes alone", () => {
    const queue = [`4${"x".repeat(100)}`, "4y"];
    expect(takePayload(queue, 10)).toHaveLength(101);
    expect(queue).toEqual(["4y"]);
    const behind = ["4y", `4${"x".repeat(100)}`];
    expect(takePayload(behind, 10)).toBe("4y");
    expect(behind).toHaveLength(1);
  });

  it.each([1, 2, 3, 4, 5])("is read back whole by the official decoder, seed %i", (seed) => {
    const random = seeded(seed);
    const sent = Array.from({ length: 200 }, (_, i) => `4${i}${"ä😀x".repeat(random.below(20))}`);
    const queue = [...sent];
    const received: string[] = [];
    while (queue.length > 0) {
      const payload = takePayload(queue, 300);
      const decoded = decodePayload(payload);
      expect(decoded.length).toBeLessThanOrEqual(16);
      expect(decoded.length === 1 || utf8Length(payload) <= 300).toBe(true);
      for (const { type, data } of decoded) {
        expect(type).toBe("message");
        received.push(`4${data}`);
      }
    }
    expect(received).toEqual(sent);
  });
});

describe("encodeOpen", () => {
  it("is what the official decoder takes for an open packet", () => {
    const settings = { pingInterval: 1, pingTimeout: 2, maxPayload: 3, secret: "not told" };
    const [packet] = decodePayload(encodeOpen("abc", ["websocket"], settings));
    expect(packet?.type).toBe("open");
    expect(JSON.parse(String(packet?.data))).toEqual({
      sid: "abc",
      upgrades: ["websocket"],
      pingInterval: 1,
      pingTimeout: 2,
      maxPayload: 3,
    });
  });
});

describe("isLongerThan", () => {
  it.each([
    ["abcd", 4, false],
    ["abcde", 4, true],
    ["ää", 4, false],
    ["äää", 5, true],
    ["漢字", 6, false],
    ["漢字", 5, true],
    ["😀", 4, false],
    ["😀", 3, true],
    ["", 0, false],
    [new Uint8Array(4), 4, false],
    [new Uint8Array(5), 4, true],
  ])("%j, more than %i bytes: %j", (text, maxBytes, expected) => {
    expect(isLongerThan(text, maxBytes)).toBe(expected);
  });
});
