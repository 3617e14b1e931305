/** What one side writes the other reads: our codec and the official one, both ways, with binary. */
import fc from "fast-check";
import { Decoder, Encoder, type Packet, PacketType } from "socket.io-parser";
import { describe, expect, it } from "vitest";
import { type Attachments, fillIn, takeOut } from "../../src/protocol/attachments.ts";
import { encodeAck, encodeEnvelope, encodeEvent } from "../../src/protocol/socket.ts";
import { Assembly } from "../../src/session/assembly.ts";
import {
  anyAckId,
  anyArgs,
  anyKey,
  anyNamespace,
  asReceived,
  binariesIn,
  bytesOf,
} from "./arbitrary.ts";
import { type Meaning, meaningOf } from "./beside-official.ts";

const RUNS = { numRuns: 500 };
const OFFSET = "k3f9-42";

/** The only packet that the official parser reads from a text and what follows it. */
function officiallyRead(text: string, attachments: Attachments): Packet | undefined {
  expect(text.charAt(0)).toBe("4");
  const packets: Packet[] = [];
  const decoder = new Decoder();
  decoder.on("decoded", (packet: Packet) => packets.push(packet));
  decoder.add(text.slice(1));
  for (const bytes of attachments) decoder.add(bytes);
  expect(packets).toHaveLength(1);
  return packets[0];
}

/** The only packet that ours reads from what the official parser writes. */
function weRead(packet: Packet): Meaning {
  const [text, ...buffers] = new Encoder().encode(packet) as [string, ...ArrayBuffer[]];
  const assembly = new Assembly(1_000_000);
  const assembled = [`4${text}`, ...buffers.map(bytesOf)].map((message) =>
    assembly.take(message, 0),
  );
  const whole = assembled.pop();
  expect(assembled.every(({ kind }) => kind === "part")).toBe(true);
  return whole?.kind === "whole" ? meaningOf(whole.packet) : undefined;
}

/** An event's text and attachments, as a room's code would emit it. */
function written(args: readonly unknown[]): { data: string; attachments: Attachments } {
  const taken = takeOut(args);
  return { data: JSON.stringify(taken.args), attachments: taken.attachments };
}

describe("what ours writes the official parser reads", () => {
  it("SUB-1 SUB-10 an event, with its offset last", () => {
    fc.assert(
      fc.property(anyNamespace, anyArgs, (namespace, args) => {
        const { data, attachments } = written(["name", ...args]);
        const text = encodeEvent({ namespace, attachments }, data, OFFSET);
        expect(officiallyRead(text, attachments)).toEqual({
          type: PacketType.EVENT,
          nsp: namespace,
          data: ["name", ...args.map((arg) => asReceived(arg)), OFFSET],
        });
      }),
      RUNS,
    );
  });

  it("SUB-2 SUB-10 the same in envelope form", () => {
    fc.assert(
      fc.property(anyNamespace, anyArgs, (namespace, args) => {
        const { data, attachments } = written(["name", ...args]);
        const text = encodeEnvelope({ namespace, attachments }, data, OFFSET);
        const received = args.map((arg) => asReceived(arg));
        const content = received.length > 1 ? received : received[0];
        const envelope = { id: OFFSET, ...(received.length > 0 && { data: content }) };
        expect(officiallyRead(text, attachments)?.data).toEqual(["name", envelope, OFFSET]);
      }),
      RUNS,
    );
  });

  it("ROOM-2 SUB-10 an event to be acknowledged, without an offset", () => {
    fc.assert(
      fc.property(fc.nat(), anyArgs, (id, args) => {
        const { data, attachments } = written(["name", ...args]);
        const text = encodeEvent({ namespace: "/", attachments }, data, undefined, id);
        const received = args.map((arg) => asReceived(arg));
        expect(officiallyRead(text, attachments)).toMatchObject({
          id,
          data: ["name", ...received],
        });
      }),
      RUNS,
    );
  });

  it("SUB-10 an ack", () => {
    fc.assert(
      fc.property(anyNamespace, fc.nat(), anyArgs, (namespace, id, args) => {
        const { data, attachments } = written(args);
        const text = encodeAck({ namespace, attachments }, String(id), data);
        expect(officiallyRead(text, attachments)).toEqual({
          type: PacketType.ACK,
          nsp: namespace,
          id,
          data: args.map((arg) => asReceived(arg)),
        });
      }),
      RUNS,
    );
  });
});

describe("what the official parser writes ours reads", () => {
  it.each([
    ["an event", PacketType.EVENT, ["name"]],
    ["an ack", PacketType.ACK, []],
  ])("SUB-10 %s", (_, type, first) => {
    fc.assert(
      fc.property(anyNamespace, anyAckId, anyArgs, (nsp, id, args) => {
        const data = [...first, ...args];
        const packet = { type, nsp, data, ...(id !== undefined && { id }) };
        const received = data.map((arg) => asReceived(arg));
        expect(weRead(packet as Packet)).toEqual({ type, nsp, id, data: received });
      }),
      RUNS,
    );
  });

  it("CONNECT and DISCONNECT", () => {
    fc.assert(
      fc.property(anyNamespace, fc.dictionary(anyKey, fc.jsonValue()), (nsp, auth) => {
        const id = undefined;
        const { CONNECT, DISCONNECT } = PacketType;
        const connect = weRead({ type: CONNECT, nsp, data: auth });
        expect(connect).toEqual({ type: CONNECT, nsp, id, data: asReceived(auth) });
        expect(weRead({ type: CONNECT, nsp })).toEqual({ type: CONNECT, nsp, id, data: {} });
        expect(weRead({ type: DISCONNECT, nsp })).toEqual({ type: DISCONNECT, nsp, id });
      }),
      RUNS,
    );
  });
});

describe("takeOut and fillIn", () => {
  it("SUB-10 what was taken out is filled in again", () => {
    fc.assert(
      fc.property(anyArgs, (args) => {
        const taken = takeOut(args);
        expect(taken.attachments).toEqual(binariesIn(args));
        const received = args.map((arg) => asReceived(arg));
        const read = JSON.parse(JSON.stringify(taken.args));
        expect(fillIn(read, taken.attachments)).toEqual(received);
      }),
      RUNS,
    );
  });

  it("SUB-10 numbers the binary values as the official encoder does", () => {
    fc.assert(
      fc.property(anyArgs, (args) => {
        const { data, attachments } = written(["name", ...args]);
        const packet = { type: PacketType.EVENT, nsp: "/", data: ["name", ...args] };
        const [text, ...buffers] = new Encoder().encode(packet) as [string, ...ArrayBuffer[]];
        const count = attachments.length;
        expect(count > 0 ? `5${count}-${data}` : `2${data}`).toBe(text);
        expect(attachments).toEqual(buffers.map(bytesOf));
      }),
      RUNS,
    );
  });
});
