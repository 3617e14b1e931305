/** BAD-66: what is deep or broad ends in a defined answer, and no recursion runs over. */
import { describe, expect, it } from "vitest";
import { takeOut } from "../../src/protocol/attachments.ts";
import { dropLast, isTooDeep, splitFirst } from "../../src/protocol/json-text.ts";
import { decodePacket, encodeEnvelope } from "../../src/protocol/socket.ts";
import { Assembly } from "../../src/session/assembly.ts";

const AT = '{"_placeholder":true,"num":0}';

const arrays = (depth: number, inner = "") => "[".repeat(depth) + inner + "]".repeat(depth);
const objects = (depth: number, inner: string) => '{"a":'.repeat(depth) + inner + "}".repeat(depth);

describe.each([5_000, 20_000, 150_000])("JSON %i levels deep", (depth) => {
  const nests = [arrays(depth), objects(depth, "1")];
  const binary = [arrays(depth, AT), objects(depth, AT)];

  it("BAD-66 in an event: is read, and known to be too deep before anything walks it", () => {
    for (const nest of nests) {
      const decoded = decodePacket(`427["a",${nest}]`);
      expect(decoded).toMatchObject({ awaits: 0, packet: { type: "event", ackId: "7" } });
      expect(isTooDeep(nest)).toBe(true);
    }
  });

  it("BAD-66 in a binary event: the same, with its attachment", () => {
    for (const nest of binary) {
      const assembly = new Assembly(1_000);
      expect(assembly.take(`451-7["a",${nest}]`, 0).kind).toBe("part");
      const whole = assembly.take(new Uint8Array(3), 0);
      expect(whole).toMatchObject({ kind: "whole", packet: { type: "event", ackId: "7" } });
    }
  });

  it("BAD-66 in an ack, in a binary one, in a CONNECT: is no packet", () => {
    for (const nest of nests) {
      expect(decodePacket(`437[${nest}]`)).toBeUndefined();
      expect(decodePacket(`40{"token":${nest}}`)).toBeUndefined();
      expect(decodePacket(`40/orders,{"token":${nest}}`)).toBeUndefined();
    }
    for (const nest of binary) expect(decodePacket(`461-7[${nest}]`)).toBeUndefined();
  });

  it("BAD-66 that never ends: is no packet", () => {
    for (const type of ["40", "42", "43", "427", "451-", "461-1"]) {
      expect(decodePacket(type + "[".repeat(depth))).toBeUndefined();
      expect(decodePacket(`${type}["a",${"[".repeat(depth)}]`)).toBeUndefined();
      expect(decodePacket(`${type}${'{"a":'.repeat(depth)}`)).toBeUndefined();
    }
  });
});

describe("JSON that is broad", () => {
  const million = `[${"0,".repeat(999_999)}0]`;
  const keys = `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":${i}`).join()}}`;

  it.each([
    ["an array of a million", million],
    ["an object with 100,000 keys", keys],
  ])("BAD-66 %s is read in an event, an ack and behind a placeholder", (_, json) => {
    const value = JSON.parse(json);
    expect(decodePacket(`42["a",${json}]`)).toMatchObject({ packet: { args: ["a", value] } });
    expect(decodePacket(`431[${json}]`)).toMatchObject({ packet: { args: [value] } });
    const binary = decodePacket(`451-["a",${AT},${json}]`);
    expect(binary).toMatchObject({ awaits: 1, packet: { data: `["a",${AT},${json}]` } });
    expect(decodePacket(`452-["a",${AT},${json}]`)).toBeUndefined();
  });

  it("BAD-66 text is taken apart without a call for each element", () => {
    const text = `["a",${million.slice(1)}`;
    expect(splitFirst(text)).toEqual(['"a"', million]);
    expect(dropLast(text)).toHaveLength(text.length - 2);
    const attachments = [new Uint8Array(1)];
    const frame = encodeEnvelope({ namespace: "/", attachments }, text, "e-1");
    expect(frame).toBe(`451-["a",{"id":"e-1","data":${million}},"e-1"]`);
    expect(takeOut(JSON.parse(text)).args).toHaveLength(1_000_001);
  });

  it("LIFE-3 more arguments than a client can call its listeners with are no event", () => {
    const event = (count: number) => `["a"${",0".repeat(count)}]`;
    expect(decodePacket(`42${event(10_000)}`)?.packet).toMatchObject({ type: "event" });
    expect(decodePacket(`42${event(10_001)}`)).toBeUndefined();
    expect(decodePacket(`451-["a",${AT}${",0".repeat(10_000)}]`)).toBeUndefined();
    const called = (...args: unknown[]) => args.length;
    const { packet } = decodePacket(`42${event(10_000)}`) ?? {};
    expect(packet && "args" in packet && called(...packet.args)).toBe(10_001);
  });
});
